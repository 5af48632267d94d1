import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decodeAssignment, encodeMember, sharePartitions } from '../../../src/adapters/kafka/assignor.ts';
import type { TopicPartition } from '../../../src/ports/log.ts';

type Group = Map<string, { generation: number; holds: TopicPartition[] }>;

const TOPICS = ['a', 'b'];
const COUNTS: Readonly<Record<string, number>> = { a: 5, b: 3 };
const partitionsOf = (topic: string) => Array.from({ length: COUNTS[topic] ?? 0 }, (_, i) => i);
const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

/** One generation: what each member is given, while it claims what it holds. */
function share(group: Group): Map<string, TopicPartition[]> {
  const members = [...group].map(([memberId, { generation, holds: claims }]) => ({
    memberId,
    memberMetadata: encodeMember({ topics: TOPICS, generation, claims }),
  }));
  const shared = sharePartitions(members, partitionsOf);
  return new Map(shared.map(({ memberId, memberAssignment }) => [memberId, decodeAssignment(memberAssignment)]));
}

const group: fc.Arbitrary<Group> = fc
  .array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }), { minLength: 8, maxLength: 8 })
  .chain((owners) => fc.integer({ min: 1, max: 4 }).map((count) => ({ owners, count })))
  .map(({ owners, count }) => {
    const places = TOPICS.flatMap((topic) => partitionsOf(topic).map((partition) => ({ topic, partition })));
    const ids = Array.from({ length: count }, (_, i) => i);
    return new Map(ids.map((id) => [`m${id}`, { generation: 1, holds: places.filter((_, i) => owners[i] === id) }]));
  });

describe('the sharing of partitions in a Kafka group', () => {
  it('gives no partition to a member while another holds it', () => {
    fc.assert(
      fc.property(group, (state) => {
        const given = share(state);
        for (const [id, places] of given) {
          for (const place of places) {
            const holder = [...state].find(([, { holds }]) => holds.some((one) => nameOf(one) === nameOf(place)))?.[0];
            assert.ok(holder === undefined || holder === id);
          }
        }
        const all = [...given.values()].flat().map(nameOf);
        assert.equal(new Set(all).size, all.length);
      }),
    );
  });

  it('comes to rest after two generations, with all shared out evenly', () => {
    fc.assert(
      fc.property(group, (state) => {
        const first = share(state);
        const second = share(new Map([...first].map(([id, holds]) => [id, { generation: 2, holds }])));
        assert.equal([...second.values()].flat().length, 8);
        for (const topic of TOPICS) {
          const counts = [...second.values()].map((places) => places.filter((one) => one.topic === topic).length);
          assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
        }
        const third = share(new Map([...second].map(([id, holds]) => [id, { generation: 3, holds }])));
        assert.deepEqual(third, second);
      }),
    );
  });

  it('believes the later of two claims', () => {
    const claim = [{ topic: 'a', partition: 0 }];
    const given = share(
      new Map([
        ['old', { generation: 3, holds: claim }],
        ['new', { generation: 4, holds: claim }],
      ]),
    );
    assert.ok(!given.get('old')?.some((place) => nameOf(place) === 'a/0'));
  });

  it('takes a member whose claims cannot be read for one that holds nothing', () => {
    const memberMetadata = encodeMember({ topics: ['a'], generation: 1, claims: [] });
    const damaged = Buffer.from(memberMetadata.toString('latin1').replace('"generation"', '"generatioX"'), 'latin1');
    const [only] = sharePartitions([{ memberId: 'm', memberMetadata: damaged }], partitionsOf);
    assert.equal(decodeAssignment(only?.memberAssignment ?? Buffer.alloc(0)).length, 5);
  });
});
