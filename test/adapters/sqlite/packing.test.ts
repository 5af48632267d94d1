import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { pack, type RawRecord, transferables, unpackRaw } from '../../../src/adapters/sqlite/packing.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const arbitrary: fc.Arbitrary<RawRecord> = fc.record(
  {
    topic: fc.constantFrom('a', 'b', '1 a'),
    partition: fc.nat({ max: 11 }),
    offset: fc.nat({ max: 2 ** 50 }),
    timestampMs: fc.nat({ max: 2 ** 42 }),
    headers: fc.string(),
    key: bytes,
    value: bytes,
  },
  { noNullPrototype: true },
);

function sized(length: number): RawRecord {
  const value = new Uint8Array(length);
  return { topic: 'a', partition: 0, offset: 0, timestampMs: 0, headers: '{}', key: new Uint8Array(0), value };
}

describe('packed records', () => {
  it('come out as they went in, also after a move to another thread', () => {
    fc.assert(
      fc.property(fc.array(arbitrary), (records) => {
        const packed = pack(records);
        assert.deepEqual(unpackRaw(structuredClone(packed, { transfer: transferables(packed) })), records);
      }),
    );
  });

  it('leave the buffers that they came from alone', () => {
    const record = sized(10);
    structuredClone(pack([record]), { transfer: transferables(pack([record])) });
    assert.equal(record.value.length, 10);
  });

  it('lie in blocks of at most 256 KiB, a larger record in one of its own', () => {
    const sizes = [100_000, 100_000, 100_000, 1_000_000, 10, 0, 262_134, 1];
    const { blocks } = pack(sizes.map(sized));
    assert.deepEqual(
      blocks.map((block) => block.byteLength),
      [200_000, 100_000, 1_000_000, 262_144, 1],
    );
  });
});
