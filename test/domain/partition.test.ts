import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { murmur2, partitionOf } from '../../src/domain/partition.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

/** From Apache Kafka's own UtilsTest.testMurmur2. */
const KAFKA: [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('partitions', () => {
  for (const [key, hash] of KAFKA) {
    it(`hash "${key}" as Kafka does`, () => {
      assert.equal(murmur2(utf8(key)), hash);
    });
  }

  it('drop the sign bit of the hash, as Kafka does, instead of negating it', () => {
    assert.equal(partitionOf(utf8('21'), 1000), (2 ** 31 - 973932308) % 1000);
    assert.equal(partitionOf(utf8('abc'), 1000), 479470107 % 1000);
  });

  it('lie from 0 to partitions - 1 for any key, wherever it lies in its buffer', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(7),
        (key, count, shift) => {
          const partition = partitionOf(key, count);
          assert.ok(Number.isInteger(partition) && partition >= 0 && partition < count);
          const shifted = new Uint8Array(key.length + shift);
          shifted.set(key, shift);
          assert.equal(partitionOf(shifted.subarray(shift), count), partition);
        },
      ),
    );
  });

  it('spread keys evenly', () => {
    const counts = new Float64Array(8);
    for (let i = 0; i < 4000; i++) counts[partitionOf(utf8(`camera-${i}`), 8)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
    // 7 degrees of freedom: 24.32 is exceeded once in 1000.
    assert.ok(chiSquare < 24.32, `chi-square ${chiSquare}`);
  });
});
