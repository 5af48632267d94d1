/**
 * The partition of a key, 0 to partitions - 1, as Kafka's default partitioner chooses it for a record with a key
 * (`Utils.toPositive(Utils.murmur2(key)) % partitions`), so that producers in any language agree.
 */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** MurmurHash2, 32 bits, signed, seeded as in Kafka's `org.apache.kafka.common.utils.Utils.murmur2`. */
export function murmur2(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length - (data.length % 4);
  let hash = SEED ^ data.length;
  for (let offset = 0; offset < whole; offset += 4) {
    let word = Math.imul(view.getInt32(offset, true), M);
    word ^= word >>> R;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  if (whole < data.length) hash = Math.imul(hash ^ littleEndian(data.subarray(whole)), M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

function littleEndian(tail: Uint8Array): number {
  return tail.reduceRight((value, byte) => (value << 8) | byte, 0);
}
