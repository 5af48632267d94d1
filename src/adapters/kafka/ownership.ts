import type { TopicPartition } from '../../ports/log.ts';
import { nameOf } from '../../ports/place-name.ts';
import { inOrder } from './places.ts';

interface Owned extends TopicPartition {
  /** A partition that is lost and won again has another one. */
  epoch: number;
  state: State;
}

type State = 'starting' | 'held' | 'leaving';

/** What a new assignment changes. */
export interface Reassignment {
  /** What is to be started. */
  starting: TopicPartition[];
  /** What is to be let go once it is finished. */
  leaving: TopicPartition[];
  /** What was let go at once, since it had not been started yet. */
  dropped: TopicPartition[];
}

/** The partitions of a member, from being assigned to being let go, under the log's own names. */
export class Ownership {
  readonly #owned = new Map<string, Owned>();
  /** The epochs that commits name: those of the last poll (see `act`). */
  readonly #acting = new Map<string, number>();
  #epochs = 0;

  /** All that the member has a claim to. */
  claims(): TopicPartition[] {
    return this.#list(() => true);
  }

  /** What may be read and committed. */
  held(): TopicPartition[] {
    return this.#list(({ state }) => state !== 'starting');
  }

  /** Takes over a new assignment. */
  assign(assigned: readonly TopicPartition[]): Reassignment {
    const names = new Set(assigned.map(nameOf));
    const gone = [...this.#owned.values()].filter((one) => !names.has(nameOf(one)));
    const dropped = gone.filter(({ state }) => state === 'starting');
    this.drop(dropped);
    const leaving = gone.filter(({ state }) => state === 'held');
    for (const one of leaving) one.state = 'leaving';
    const starting = assigned.filter((place) => !this.#owned.has(nameOf(place)));
    for (const { topic, partition } of starting) {
      this.#owned.set(nameOf({ topic, partition }), { topic, partition, epoch: ++this.#epochs, state: 'starting' });
    }
    return { starting, leaving: placesOf(leaving), dropped: placesOf(dropped) };
  }

  /** Tells, whenever asked, which of the partitions have been in this state from now on without a break. */
  lasting(places: readonly TopicPartition[], state: State): () => TopicPartition[] {
    const owned = places.map((place) => this.#owned.get(nameOf(place)));
    return () =>
      places.filter((place, index) => {
        const now = this.#owned.get(nameOf(place));
        return now !== undefined && now === owned[index] && now.state === state;
      });
  }

  /** The partition can be read from now on. */
  hold(place: TopicPartition): void {
    const owned = this.#owned.get(nameOf(place));
    if (!owned) return;
    owned.state = 'held';
    if (!this.#acting.has(nameOf(place))) this.#acting.set(nameOf(place), owned.epoch);
  }

  /** What was read of a held partition is not to be committed any more: it begins anew. False if it is not held. */
  restart(place: TopicPartition): boolean {
    const owned = this.#owned.get(nameOf(place));
    if (owned?.state !== 'held') return false;
    owned.epoch = ++this.#epochs;
    return true;
  }

  drop(places: readonly TopicPartition[]): void {
    for (const place of places) this.#owned.delete(nameOf(place));
  }

  /** From now on commits are about what is held now, no longer about what was held before. */
  act(): void {
    for (const [name, { epoch, state }] of this.#owned) if (state !== 'starting') this.#acting.set(name, epoch);
  }

  /** The epoch under which what was last read of the partition may still be committed; undefined if it may not. */
  committable(place: TopicPartition): number | undefined {
    const owned = this.#owned.get(nameOf(place));
    const acting = owned && owned.state !== 'starting' && this.#acting.get(nameOf(place)) === owned.epoch;
    return acting ? owned.epoch : undefined;
  }

  #list(which: (owned: Owned) => boolean): TopicPartition[] {
    return placesOf([...this.#owned.values()].filter(which));
  }
}

function placesOf(owned: readonly Owned[]): TopicPartition[] {
  return inOrder(owned).map(({ topic, partition }) => ({ topic, partition }));
}
