import { Mutex } from '../../concurrency/mutex.ts';
import type { PartitionOffset } from '../../ports/log.ts';
import type { Connection } from './connection.ts';
import { protocolError, toOrdoError } from './failures.ts';
import type { Membership } from './membership.ts';
import type { Namespace } from './namespace.ts';
import { toCommit } from './offsets.ts';
import type { Shelf, Shelves } from './shelves.ts';

export interface CommitsOptions {
  groupId: string;
  namespace: Namespace;
  connection: Connection;
  membership: Pick<Membership, 'identity' | 'suspect' | 'settled'>;
  shelves: Shelves;
  /** Gives what throws unless the partitions are this member's, and have been so ever since. */
  fence: (offsets: readonly PartitionOffset[]) => () => void;
}

/** Refusals of offsets after which a member finds out by joining again what is still its own. */
const SUSPECT = new Set(['ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID']);

/** Moves the offsets of a group, one request at a time. */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #oneByOne = new Mutex();

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** Moves offsets, as long as `requireHeld` does not throw. Errors: its own, and those of the log. */
  async move(offsets: readonly PartitionOffset[], requireHeld: () => void): Promise<void> {
    await this.#oneByOne.run(() => this.#send(offsets, requireHeld));
    for (const offset of offsets) this.pass(this.#options.shelves.find(offset));
  }

  /**
   * Moves the offset of a partition past what is not for readers, transaction markers, where all records
   * before are committed: it would count as lag for ever. What fails is left to the next time.
   */
  pass(shelf: Shelf | undefined): void {
    if (shelf) this.#oneByOne.run(() => this.#pass(shelf)).catch(() => {});
  }

  async #pass(shelf: Shelf): Promise<void> {
    const { committed, name: topic, partition, offset, seen } = shelf;
    if (!committed || committed.offset < seen || committed.offset >= offset) return;
    if (!this.#options.shelves.holds(shelf)) return;
    const behind = [{ topic, partition, offset, metadata: committed.metadata }];
    await this.#send(behind, this.#options.fence(behind));
  }

  /**
   * A rebalance under way refuses offsets for a moment, and those of the generation before: then they are sent again
   * with the new one, if the partitions are still this member's. They are not if it was forgotten: joining again shows
   * that.
   */
  async #send(offsets: readonly PartitionOffset[], requireHeld: () => void): Promise<void> {
    const { groupId, namespace, connection, membership } = this.#options;
    const topics = toCommit(namespace.outerPlaces(offsets), Date.now());
    for (;;) {
      requireHeld();
      const { identity } = membership;
      try {
        await connection.coordinated(groupId, (broker) => broker.offsetCommit({ groupId, ...identity, topics }));
        return this.#remember(offsets);
      } catch (error) {
        if (!SUSPECT.has(protocolError(error) ?? '')) throw toOrdoError(error);
        membership.suspect(identity);
        await membership.settled();
      }
    }
  }

  #remember(offsets: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset, metadata } of offsets) {
      const shelf = this.#options.shelves.find({ topic, partition });
      if (shelf) shelf.committed = { offset, metadata };
    }
  }
}
