import kafkajs from 'kafkajs';
import type { Connection } from '../../../src/adapters/kafka/connection.ts';
import type { Broker, Cluster, JoinRequest } from '../../../src/adapters/kafka/kafkajs.ts';

/** A connection to a cluster that answers what it is told to; of its brokers the first coordinates the groups. */
export function fakeConnection({
  broker = {},
  cluster = {},
}: {
  broker?: Partial<Broker>;
  cluster?: Partial<Cluster>;
}) {
  return {
    coordinated: async <T>(_group: string, work: (found: Broker) => Promise<T>) =>
      work({ ...IDLE, ...broker } as Broker),
    run: async <T>(_topics: readonly string[], work: (found: Cluster) => Promise<T>) => work(cluster as Cluster),
    close: async () => {},
  } as unknown as Connection;
}

/** A broker that knows nothing. */
const IDLE: Partial<Broker> = {
  nodeId: 1,
  heartbeat: async () => ({}),
  leaveGroup: async () => ({}),
  offsetCommit: async () => ({}),
  offsetFetch: async () => ({ responses: [] }),
};

/** A cluster whose topics have that many empty partitions, of which broker 1 leads the first, broker 2 the second, and so on. */
export function fakeCluster(partitions: number): Partial<Cluster> {
  const all = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: partitionId + 1 }));
  return {
    findTopicPartitionMetadata: () => all,
    findBroker: () => new Promise(() => {}),
    fetchTopicsOffset: async (topics) =>
      topics.map(({ topic, partitions: asked }) => ({
        topic,
        partitions: asked.map(({ partition }) => ({ partition, offset: '0' })),
      })),
  };
}

/** An error of the protocol, as kafkajs throws it. */
export function refusal(type: string): Error {
  return Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });
}

/** The coordinator of a group with one member, which gets the same partitions of topic `t` whenever it joins. */
export class FakeCoordinator {
  /** What the member claimed, join by join. */
  readonly joins: number[][] = [];
  readonly #assignment: Buffer;
  #member = '';
  #commits = 0;

  constructor(partitions: readonly number[] = []) {
    const assigned = { version: 0, assignment: { t: [...partitions] }, userData: Buffer.alloc(0) };
    this.#assignment = kafkajs.AssignerProtocol.MemberAssignment.encode(assigned);
  }

  /** Takes the member for a stranger from now on, until it joins as a new one. */
  forget(): void {
    this.#member = '';
  }

  /** What it answers. */
  get broker(): Partial<Broker> {
    return {
      joinGroup: async (request) => {
        if (request.memberId !== '') this.#requireMember(request);
        this.#member ||= `member-${this.joins.length}`;
        const generationId = this.joins.push(claimedIn(request));
        return { generationId, memberId: this.#member, leaderId: 'other', members: [] };
      },
      syncGroup: async () => ({ memberAssignment: this.#assignment }),
      heartbeat: async (request) => this.#requireMember(request),
      offsetCommit: async (request) => {
        if (++this.#commits > 100) throw new Error('offsets are sent for ever');
        this.#requireMember(request);
      },
    };
  }

  #requireMember({ memberId }: { memberId: string }): void {
    if (memberId !== this.#member) throw refusal('UNKNOWN_MEMBER_ID');
  }
}

function claimedIn({ groupProtocols }: JoinRequest): number[] {
  const decoded = kafkajs.AssignerProtocol.MemberMetadata.decode(groupProtocols[0]?.metadata ?? Buffer.alloc(0));
  const claims = JSON.parse(String(decoded?.userData)) as { owned: { partitions: number[] }[] };
  return claims.owned.flatMap(({ partitions }) => partitions);
}
