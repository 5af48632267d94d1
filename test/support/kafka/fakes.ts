import type { Connection } from '../../../src/adapters/kafka/connection.ts';
import type { Broker, Cluster, JoinRequest } from '../../../src/adapters/kafka/kafkajs.ts';
import type { TopicPartition } from '../../../src/ports/log.ts';
import kafkajs from 'kafkajs';

/** A connection to a cluster that answers what it is told to. */
export function fakeConnection({
  broker = {},
  cluster = {},
}: {
  broker?: Partial<Broker>;
  cluster?: Partial<Cluster>;
}) {
  return {
    coordinated: async <T>(_group: string, work: (found: Broker) => Promise<T>) => work(broker as Broker),
    run: async <T>(_topics: readonly string[], work: (found: Cluster) => Promise<T>) => work(cluster as Cluster),
    close: async () => {},
  } as unknown as Connection;
}

/** An error of the protocol, as kafkajs throws it. */
export function refusal(type: string): Error {
  return Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });
}

/** What SyncGroup answers a member that gets these partitions of one topic. */
export function assignmentOf(topic: string, partitions: number[]): { memberAssignment: Buffer } {
  const assigned = { version: 0, assignment: { [topic]: partitions }, userData: Buffer.alloc(0) };
  return { memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode(assigned) };
}

/** The partitions that a member claims when it joins. */
export function claimedIn({ groupProtocols }: JoinRequest): number[] {
  const decoded = kafkajs.AssignerProtocol.MemberMetadata.decode(groupProtocols[0]?.metadata ?? Buffer.alloc(0));
  const claims = JSON.parse(String(decoded?.userData)) as { owned: { partitions: number[] }[] };
  return claims.owned.flatMap(({ partitions }) => partitions);
}

/** A coordinator of a group with one member, to be given to `fakeConnection`; `joins` lists what the member claimed. */
export function lonelyCoordinator(joins: number[][], assigned: TopicPartition[] = []): Partial<Broker> {
  return {
    nodeId: 1,
    async joinGroup(request) {
      joins.push(claimedIn(request));
      return { generationId: joins.length, memberId: 'me', leaderId: 'other', members: [] };
    },
    syncGroup: async () =>
      assignmentOf(
        't',
        assigned.map(({ partition }) => partition),
      ),
    heartbeat: async () => ({}),
    leaveGroup: async () => ({}),
  };
}
