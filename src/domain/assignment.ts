/** A live member and the topics it reads. */
export interface MemberTopics {
  id: string;
  topics: readonly number[];
}

/** A partition of a topic and the member that holds it now, if any. */
export interface Holding {
  topic: number;
  partition: number;
  member: string | undefined;
}

/**
 * Who should hold which partition: partition to member, for every partition that some member reads.
 *
 * Every member computes the same from the same rows. Within a topic the counts differ by at most one; who gets one
 * more goes by the totals over the topics before, so that totals are even too. Partitions stay where they are as far
 * as that allows, and once all are where they should be nothing moves any more.
 */
export function assign(members: readonly MemberTopics[], holdings: readonly Holding[]): Map<number, string> {
  const target = new Map<number, string>();
  const totals = new Map<string, number>();
  const byTopic = [...Map.groupBy(holdings, (holding) => holding.topic)].sort(([a], [b]) => a - b);
  for (const [topic, partitions] of byTopic) {
    const readers = members.filter((member) => member.topics.includes(topic)).map((member) => member.id);
    if (readers.length > 0) assignTopic(partitions, quotas(partitions, readers, totals), target);
    for (const { partition } of partitions) add(totals, target.get(partition), 1);
  }
  return target;
}

/** How many of the topic's partitions each reader gets. */
function quotas(partitions: readonly Holding[], readers: readonly string[], totals: ReadonlyMap<string, number>) {
  const held = new Map<string, number>();
  for (const { member } of partitions) add(held, member, 1);
  const of = (counts: ReadonlyMap<string, number>, id: string) => counts.get(id) ?? 0;
  const ranked = [...readers].sort(
    (a, b) => of(totals, a) - of(totals, b) || of(held, b) - of(held, a) || (a < b ? -1 : 1),
  );
  const base = Math.floor(partitions.length / readers.length);
  const extra = partitions.length % readers.length;
  return new Map(ranked.map((id, rank) => [id, base + (rank < extra ? 1 : 0)]));
}

/** Leaves each member its first partitions up to its quota, and deals out the others in order. */
function assignTopic(partitions: readonly Holding[], left: Map<string, number>, target: Map<number, string>): void {
  const ordered = [...partitions].sort((a, b) => a.partition - b.partition);
  const spare: number[] = [];
  for (const { partition, member } of ordered) {
    const room = member === undefined ? 0 : (left.get(member) ?? 0);
    if (member === undefined || room === 0) spare.push(partition);
    else give(partition, member, left, target);
  }
  const takers = [...left].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([id, room]) => Array<string>(room).fill(id));
  for (const [index, id] of takers.entries()) {
    const partition = spare[index];
    if (partition !== undefined) target.set(partition, id);
  }
}

function give(partition: number, member: string, left: Map<string, number>, target: Map<number, string>): void {
  target.set(partition, member);
  add(left, member, -1);
}

function add(counts: Map<string, number>, id: string | undefined, value: number): void {
  if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + value);
}
