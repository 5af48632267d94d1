import { setTimeout as sleep } from 'node:timers/promises';
import { backOff } from '../../concurrency/backoff.ts';
import type { OrdoError } from '../../errors.ts';
import type { ConsumeOptions, PartitionOffset, TopicPartition } from '../../ports/log.ts';
import { nameOf } from '../../ports/place-name.ts';
import type { Connection } from './connection.ts';
import { toOrdoError } from './failures.ts';
import type { Namespace } from './namespace.ts';
import type { Ownership } from './ownership.ts';
import { findPositions, type Position, tell } from './positions.ts';
import type { Shelves } from './shelves.ts';

export interface TakeoverOptions {
  options: ConsumeOptions & { sessionTimeoutMs: number };
  groupId: string;
  namespace: Namespace;
  ownership: Ownership;
  shelves: Shelves;
  connection: Connection;
  signal: AbortSignal;
  /** Partitions came or went. */
  onChanged: () => void;
  /** Partitions were let go: the group may give them to others. */
  onReleased: () => void;
  /** Partitions cannot be begun; it is tried again. */
  onTrouble: (error: OrdoError) => void;
  /** What was won has begun, or has gone. */
  onStarted: () => void;
}

const PAUSE = { firstMs: 20, mostMs: 500 };

/** Begins with partitions that were won, and finishes with those that are to go to others. */
export class Takeover {
  readonly #options: TakeoverOptions;

  constructor(options: TakeoverOptions) {
    this.#options = options;
  }

  /** Takes over a new assignment, by the cluster's names. */
  assign(assigned: readonly TopicPartition[]): void {
    const { namespace, ownership, onReleased } = this.#options;
    const { starting, leaving, dropped } = ownership.assign(namespace.innerPlaces(assigned));
    // The group withheld them from others, since this member claimed them when it joined.
    if (dropped.length > 0) onReleased();
    for (const place of leaving) this.#options.shelves.leave(place);
    if (leaving.length > 0) void this.#release(leaving);
    if (starting.length > 0) void this.#start(starting);
  }

  /**
   * Begins a partition that is held again, further back: the log has lost its tail, or the topic was created anew. What
   * is in hand of it is finished first, as if it went to another member: the log may not have it any more.
   */
  async restart({ topic, partition, offset }: PartitionOffset): Promise<void> {
    const { ownership, shelves, signal } = this.#options;
    const place = { topic, partition };
    const shelf = shelves.find(place);
    shelves.leave(place);
    await this.#finish([place]);
    // It may have gone meanwhile, and have come back.
    if (signal.aborted || shelves.find(place) !== shelf || !ownership.restart(place)) return;
    this.#begin([{ ...place, offset, metadata: '', lost: 0 }]);
  }

  /** Forgets all that is held: it is others' by now. */
  expire(): void {
    const { ownership } = this.#options;
    const lost = ownership.held();
    this.#drop(ownership.claims());
    if (lost.length > 0) void this.#callRevoked(lost);
  }

  async #release(leaving: readonly TopicPartition[]): Promise<void> {
    const { ownership, signal, onReleased } = this.#options;
    const current = ownership.lasting(leaving, 'leaving');
    await this.#finish(leaving);
    const own = current();
    if (signal.aborted || own.length === 0) return;
    this.#drop(own);
    onReleased();
  }

  /** Waits until the caller has finished with partitions, as long as the port promises. */
  async #finish(partitions: readonly TopicPartition[]): Promise<void> {
    const { options, signal } = this.#options;
    const patience = sleep(options.sessionTimeoutMs / 3, undefined, { ref: false, signal }).catch(() => {});
    await Promise.race([this.#callRevoked(partitions), patience]);
  }

  #drop(places: readonly TopicPartition[]): void {
    const { ownership, shelves, onChanged } = this.#options;
    ownership.drop(places);
    for (const place of places) shelves.drop(place);
    onChanged();
  }

  /** What the caller could not finish is fenced soon, and read again by the next owner: nothing to report. */
  async #callRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    try {
      await this.#options.options.onRevoked?.(partitions);
    } catch {
      // See above.
    }
  }

  /** Begins those whose positions are found, until none is left. */
  async #start(starting: readonly TopicPartition[]): Promise<void> {
    const { ownership, signal, onStarted, onTrouble } = this.#options;
    const current = ownership.lasting(starting, 'starting');
    for (let attempt = 1; !signal.aborted && current().length > 0; attempt++) {
      try {
        const positions = await this.#find(current());
        const still = new Set(current().map(nameOf));
        this.#begin(positions.filter((one) => still.has(nameOf(one))));
      } catch (error) {
        onTrouble(toOrdoError(error));
      }
      if (current().length > 0) await backOff(attempt, PAUSE, signal);
    }
    onStarted();
  }

  async #find(places: readonly TopicPartition[]): Promise<Position[]> {
    const { connection, groupId, namespace, options } = this.#options;
    const outer = namespace.outerPlaces(places);
    return namespace.innerPlaces(await findPositions(connection, { groupId, from: options.from }, outer));
  }

  #begin(positions: readonly Position[]): void {
    const { options, namespace, ownership, shelves, signal, onChanged } = this.#options;
    if (signal.aborted || positions.length === 0) return;
    for (const { topic, partition, offset } of positions) {
      shelves.open({ topic, partition }, namespace.outer(topic), offset);
      ownership.hold({ topic, partition });
    }
    options.onAssigned?.(
      positions.map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset, metadata })),
    );
    for (const position of positions) tell(options, position);
    onChanged();
  }
}
