import kafkajs from 'kafkajs';
import { z } from 'zod';
import { assign } from '../../domain/assignment.ts';
import type { TopicPartition } from '../../ports/log.ts';
import { nameOf } from '../../ports/place-name.ts';
import { byTopic } from './places.ts';

/** Names the way in which partitions are shared out; members that know another cannot join. */
export const ASSIGNOR = 'ordo-cooperative';

/** What a member says of itself when it joins. */
export interface Membership {
  topics: readonly string[];
  /** The generation in which it got what it claims. */
  generation: number;
  /** Partitions it holds, those that it is letting go among them. */
  claims: readonly TopicPartition[];
}

/** Who holds a partition, by the claims. */
interface Claim {
  memberId: string;
  generation: number;
}

/** The member as JoinGroup carries it: Kafka's own form (ConsumerProtocolSubscription), the claims as user data. */
export function encodeMember({ topics, generation, claims }: Membership): Buffer {
  const owned = byTopic(claims, ({ partition }) => partition);
  const userData = Buffer.from(JSON.stringify({ generation, owned }));
  return kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 0, topics: [...topics], userData });
}

/** The partitions that SyncGroup gave to this member. */
export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  const decoded = kafkajs.AssignerProtocol.MemberAssignment.decode(assignment);
  const topics = Object.entries(decoded?.assignment ?? {});
  return topics.flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
}

/** All topics that some member reads. */
export function topicsOf(members: readonly { memberMetadata: Buffer }[]): string[] {
  return [...new Set(members.flatMap(({ memberMetadata }) => decodeMember(memberMetadata).topics))].toSorted();
}

/**
 * Shares partitions out evenly, moving as few as it can, in the two steps of KIP-429: a partition that is to move is
 * given to nobody at first; its holder lets go of it and joins again, and then it goes to its new owner. So members
 * keep working while the group rebalances, and nobody begins with a partition before the one before has finished.
 */
export function sharePartitions(
  members: readonly { memberId: string; memberMetadata: Buffer }[],
  partitionsOf: (topic: string) => readonly number[],
): { memberId: string; memberAssignment: Buffer }[] {
  const known = members.map(({ memberId, memberMetadata }) => ({ memberId, ...decodeMember(memberMetadata) }));
  const topics = topicsOf(members);
  const places = topics.flatMap((topic) => partitionsOf(topic).map((partition) => ({ topic, partition })));
  const claims = claimsOf(known);
  const holders = places.map((place) => claims.get(nameOf(place))?.memberId);
  const target = assign(
    known.map((member) => ({ id: member.memberId, topics: member.topics.map((topic) => topics.indexOf(topic)) })),
    places.map(({ topic }, index) => ({ topic: topics.indexOf(topic), partition: index, member: holders[index] })),
  );
  return known.map(({ memberId }) => {
    const own = places.filter(
      (_, index) => target.get(index) === memberId && (holders[index] ?? memberId) === memberId,
    );
    return { memberId, memberAssignment: encodeAssignment(own) };
  });
}

function encodeAssignment(places: readonly TopicPartition[]): Buffer {
  const assignment = Object.fromEntries(
    byTopic(places, ({ partition }) => partition).map(({ topic, partitions }) => [topic, partitions]),
  );
  return kafkajs.AssignerProtocol.MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) });
}

function decodeMember(metadata: Buffer): Membership {
  const decoded = kafkajs.AssignerProtocol.MemberMetadata.decode(metadata);
  const { generation, owned } = decodeClaims(decoded?.userData ?? Buffer.alloc(0));
  const claims = owned.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
  return { topics: decoded?.topics ?? [], generation, claims };
}

const claimsSchema = z.object({
  generation: z.int(),
  owned: z.array(z.object({ topic: z.string(), partitions: z.array(z.int()) })),
});

/** What cannot be read claims nothing: a leader that stumbled over it would stop the whole group. */
function decodeClaims(userData: Buffer): z.output<typeof claimsSchema> {
  try {
    return claimsSchema.parse(JSON.parse(userData.toString()));
  } catch {
    return { generation: -1, owned: [] };
  }
}

/** Of two members that claim a partition the one of the later generation holds it: the other was away meanwhile. */
function claimsOf(members: readonly (Membership & { memberId: string })[]): Map<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const { memberId, topics, generation, claims: own } of members) {
    for (const place of own.filter(({ topic }) => topics.includes(topic))) {
      const other = claims.get(nameOf(place));
      if (!other || other.generation < generation) claims.set(nameOf(place), { memberId, generation });
    }
  }
  return claims;
}
