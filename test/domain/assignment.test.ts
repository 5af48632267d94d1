import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { assign, type Holding, type MemberTopics } from '../../src/domain/assignment.ts';

const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
const topicIds = [1, 2, 3];

/** A group in any state: members with any topics, partitions held by any of them, by a member that left, or by none. */
const group = fc.record({
  members: fc
    .subarray(ids)
    .chain((alive) =>
      fc.tuple(...alive.map((id) => fc.subarray(topicIds, { minLength: 1 }).map((topics) => ({ id, topics })))),
    ),
  counts: fc.tuple(...topicIds.map(() => fc.nat({ max: 7 }))),
  holders: fc.array(fc.option(fc.constantFrom(...ids, 'gone'), { nil: undefined }), { minLength: 21, maxLength: 21 }),
});

interface Group {
  members: readonly MemberTopics[];
  counts: readonly number[];
  holders: readonly (string | undefined)[];
}

/** Only a live member that reads the topic can hold a partition of it. */
function holdingsOf({ members, counts, holders }: Group): Holding[] {
  const partitions = counts.flatMap((count, i) => Array.from({ length: count }, () => topicIds[i] ?? 0));
  return partitions.map((topic, partition) => {
    const holder = members.find(({ id, topics }) => id === holders[partition] && topics.includes(topic));
    return { topic, partition, member: holder?.id };
  });
}

const countOf = (target: ReadonlyMap<number, string>, holdings: readonly Holding[], id: string, topic?: number) =>
  holdings.filter((one) => target.get(one.partition) === id && (topic ?? one.topic) === one.topic).length;

describe('the assignment of partitions', () => {
  it('gives every partition that somebody reads to a member that reads it', () => {
    fc.assert(
      fc.property(group, (state) => {
        const holdings = holdingsOf(state);
        const target = assign(state.members, holdings);
        for (const { topic, partition } of holdings) {
          const readers = state.members.filter(({ topics }) => topics.includes(topic)).map(({ id }) => id);
          const owner = target.get(partition);
          assert.ok(owner === undefined ? readers.length === 0 : readers.includes(owner));
        }
      }),
    );
  });

  it('differs by at most one partition between the readers of a topic', () => {
    fc.assert(
      fc.property(group, (state) => {
        const holdings = holdingsOf(state);
        const target = assign(state.members, holdings);
        for (const topic of topicIds) {
          const readers = state.members.filter(({ topics }) => topics.includes(topic));
          const counts = readers.map(({ id }) => countOf(target, holdings, id, topic));
          assert.ok(Math.max(0, ...counts) - Math.min(...counts) <= 1 || readers.length === 0);
        }
      }),
    );
  });

  it('is even in total, too, between members that read the same topics', () => {
    fc.assert(
      fc.property(group, (state) => {
        const members = state.members.map(({ id }) => ({ id, topics: topicIds }));
        const holdings = holdingsOf({ ...state, members });
        const target = assign(members, holdings);
        const totals = members.map(({ id }) => countOf(target, holdings, id));
        assert.ok(Math.max(0, ...totals) - Math.min(...totals) <= 1 || members.length === 0);
      }),
    );
  });

  it('is the same whatever the order of members and partitions', () => {
    fc.assert(
      fc.property(group, (state) => {
        const holdings = holdingsOf(state);
        const byPartition = (target: Map<number, string>) => [...target].sort(([a], [b]) => a - b);
        const turned = assign(state.members.toReversed(), holdings.toReversed());
        assert.deepEqual(byPartition(turned), byPartition(assign(state.members, holdings)));
      }),
    );
  });

  it('moves nothing once all is where it should be', () => {
    fc.assert(
      fc.property(group, (state) => {
        const target = assign(state.members, holdingsOf(state));
        const settled = holdingsOf(state).map((one) => ({ ...one, member: target.get(one.partition) }));
        assert.deepEqual(assign(state.members, settled), target);
      }),
    );
  });

  it('moves no more than it must when a member joins or leaves', () => {
    const holdings = (owners: readonly (string | undefined)[]) =>
      owners.map((member, partition) => ({ topic: 1, partition, member }));
    const members = (...names: string[]) => names.map((id) => ({ id, topics: [1] }));
    const joined = assign(members('m1', 'm2'), holdings(['m2', 'm2', 'm2', 'm2']));
    assert.deepEqual([...joined.values()], ['m2', 'm2', 'm1', 'm1']);
    const left = assign(members('m1', 'm3'), holdings(['m1', 'm1', 'm3', 'm3', undefined, undefined]));
    assert.deepEqual([...left.values()], ['m1', 'm1', 'm3', 'm3', 'm1', 'm3']);
  });

  it('settles, in whatever order members let go of partitions and take free ones', () => {
    fc.assert(
      fc.property(group, fc.array(fc.nat(), { minLength: 200, maxLength: 200 }), (state, choices) => {
        const holdings = holdingsOf(state);
        for (const choice of choices) {
          const target = assign(state.members, holdings);
          const misplaced = holdings.filter(({ partition, member }) => member !== target.get(partition));
          const next = misplaced[choice % (misplaced.length || 1)];
          if (!next) return;
          next.member = next.member === undefined ? target.get(next.partition) : undefined;
        }
        assert.fail('still moving after 200 steps');
      }),
    );
  });
});
