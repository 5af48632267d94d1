import { atMost } from '../../concurrency/at-most.ts';
import { backOff } from '../../concurrency/backoff.ts';
import { Signal } from '../../concurrency/signal.ts';
import { OrdoError } from '../../errors.ts';
import type { TopicPartition } from '../../ports/log.ts';
import { ASSIGNOR, decodeAssignment, encodeMember, sharePartitions, topicsOf } from './assignor.ts';
import { partitionsOf } from './bounds.ts';
import type { Connection } from './connection.ts';
import { isFinal, protocolError, toOrdoError } from './failures.ts';
import type { Cluster, JoinResponse } from './kafkajs.ts';

export interface MembershipOptions {
  groupId: string;
  /** By the cluster's names, like all partitions here. */
  topics: readonly string[];
  sessionTimeoutMs: number;
  /** For joining, which may wait long, and heartbeats, which are not needed meanwhile. */
  connection: Connection;
  /** For leaving, also while a join is under way. */
  side: Connection;
  /** What the member holds and is letting go of. */
  claims: () => readonly TopicPartition[];
  onAssigned: (partitions: readonly TopicPartition[]) => void;
  /** The session is over: nothing is held any more. */
  onExpired: () => void;
  /** The coordinator answered. */
  onContact: () => void;
  /** Something failed that is tried again. */
  onTrouble: (error: OrdoError) => void;
}

/** Errors after which this member is a stranger to its group. */
const EXPIRED = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);
const PAUSE = { firstMs: 50, mostMs: 1000 };
/** A rebalance is noticed by the next heartbeat, so it comes more often than the session needs. */
const HEARTBEAT_MS = 250;
/** A first join is answered after `group.initial.rebalance.delay.ms`, 3 s by default, and says which member is to leave. */
const LEAVE_MS = 4000;

/**
 * Membership in a consumer group by Kafka's classic group protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup:
 * https://kafka.apache.org/protocol), with cooperative rebalancing (assignor.ts). It rests on no polling: as long as the
 * process lives it tells the coordinator so.
 */
export class Membership {
  /** Rejects when the group can never be joined; else settles after `leave`. */
  readonly done: Promise<void>;
  readonly #options: MembershipOptions;
  readonly #changed = new Signal();
  readonly #stop = new AbortController();
  #memberId = '';
  #generation = -1;
  /** Joining, or about to. */
  #joining = true;
  /** What the join under way says of this member is no longer so. */
  #again = false;
  #beatenAt = 0;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.done = this.#run();
    this.done.catch(() => {});
  }

  /** What commits name. */
  get identity(): { memberId: string; groupGenerationId: number } {
    return { memberId: this.#memberId, groupGenerationId: this.#generation };
  }

  /** Joins again, to tell the others that partitions were let go. */
  rejoin(): void {
    this.#again = true;
    this.#joinSoon();
  }

  /** A request that named this identity was refused: the group has moved on, or will soon. */
  suspect({ groupGenerationId }: { groupGenerationId: number }): void {
    if (groupGenerationId === this.#generation) this.#joinSoon();
  }

  /** Resolves once the coordinator has been heard within the session: at once, unless the process was stopped, say. */
  heard(): Promise<void> {
    return this.#until(() => performance.now() - this.#beatenAt < this.#options.sessionTimeoutMs);
  }

  /** Resolves once no rebalance is known to be under way. */
  settled(): Promise<void> {
    return this.#until(() => !this.#joining);
  }

  #joinSoon(): void {
    this.#joining = true;
    this.#changed.raise();
  }

  /** Leaves the group. */
  async leave(): Promise<void> {
    this.#stop.abort();
    this.#changed.raise();
    await atMost(
      LEAVE_MS,
      this.#goodBye().catch(() => {}),
    );
  }

  /** A first join under way ends soon, and says which member is to leave. */
  async #goodBye(): Promise<void> {
    const { groupId, side } = this.#options;
    if (!this.#memberId) await this.done;
    const memberId = this.#memberId;
    if (memberId) await side.coordinated(groupId, (broker) => broker.leaveGroup({ groupId, memberId }));
  }

  async #until(condition: () => boolean): Promise<void> {
    const { groupId, sessionTimeoutMs } = this.#options;
    if (await this.#changed.until(() => condition() || this.#stop.signal.aborted, sessionTimeoutMs)) return;
    throw new OrdoError('LOG_UNAVAILABLE', `Kafka: the coordinator of group ${groupId} does not answer`);
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        if (this.#joining) await this.#join();
        else await this.#beat();
        failures = 0;
        await this.#changed.until(() => this.#joining || this.#stop.signal.aborted, this.#intervalMs);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (this.#settle(error)) continue;
        failures += 1;
        await backOff(failures, PAUSE, this.#stop.signal);
      }
    }
  }

  get #intervalMs(): number {
    return Math.min(HEARTBEAT_MS, this.#options.sessionTimeoutMs / 3);
  }

  async #beat(): Promise<void> {
    const { groupId, connection } = this.#options;
    await connection.coordinated(groupId, (broker) => broker.heartbeat({ groupId, ...this.identity }));
    this.#contact();
  }

  /** Takes part in the next generation. The leader, whom the coordinator chooses, shares out for all. */
  async #join(): Promise<void> {
    const { groupId, topics, sessionTimeoutMs, connection, claims } = this.#options;
    this.#again = false;
    const metadata = encodeMember({ topics, generation: this.#generation, claims: claims() });
    const timeouts = { sessionTimeout: sessionTimeoutMs, rebalanceTimeout: sessionTimeoutMs };
    const groupProtocols = [{ name: ASSIGNOR, metadata }];
    const joined = await connection.coordinated(groupId, (broker) =>
      broker.joinGroup({ groupId, memberId: this.#memberId, ...timeouts, groupProtocols }),
    );
    this.#memberId = joined.memberId;
    if (this.#stop.signal.aborted) return;
    const { memberAssignment } = await this.#sync(joined);
    this.#generation = joined.generationId;
    this.#joining = this.#again;
    this.#contact();
    if (!this.#stop.signal.aborted) this.#options.onAssigned(decodeAssignment(memberAssignment));
  }

  async #sync({ memberId, generationId, leaderId, members }: JoinResponse): Promise<{ memberAssignment: Buffer }> {
    const { groupId, connection } = this.#options;
    const groupAssignment = leaderId === memberId ? await this.#share(members) : [];
    return connection.coordinated(groupId, (broker) =>
      broker.syncGroup({ groupId, memberId, generationId, groupAssignment }),
    );
  }

  async #share(members: JoinResponse['members']) {
    const share = async (cluster: Cluster) => sharePartitions(members, (topic) => partitionsOf(cluster, topic));
    return this.#options.connection.run(topicsOf(members), share);
  }

  #contact(): void {
    this.#beatenAt = performance.now();
    this.#options.onContact();
    this.#changed.raise();
  }

  /** Whether the error is settled by joining again. */
  #settle(error: unknown): boolean {
    const type = protocolError(error) ?? '';
    if (type === 'REBALANCE_IN_PROGRESS') this.#joining = true;
    else if (EXPIRED.has(type)) this.#expire();
    else this.#report(toOrdoError(error));
    return type === 'REBALANCE_IN_PROGRESS' || EXPIRED.has(type);
  }

  #expire(): void {
    this.#memberId = '';
    this.#generation = -1;
    this.#joining = true;
    this.#options.onExpired();
  }

  #report(error: OrdoError): void {
    if (isFinal(error)) throw error;
    this.#options.onTrouble(error);
  }
}
