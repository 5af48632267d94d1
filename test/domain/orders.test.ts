import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { fromHex, sha256, toHex } from '../../src/domain/digest.ts';
import { orderOf } from '../../src/domain/orders.ts';

interface GoldenOrder {
  model: string;
  image: string;
  k: number;
  positions: number;
}

/** Computed by orders.golden.py, a second implementation over Python's hashlib, run by hand. */
const golden: {
  orders: (GoldenOrder & { order: number[] })[];
  hashed: (GoldenOrder & { sha256: string })[];
} = JSON.parse(readFileSync(new URL('orders.golden.json', import.meta.url), 'utf8'));

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function compute({ model, image, k, positions }: GoldenOrder): Uint16Array {
  return orderOf(fromHex(model), fromHex(image), k, positions);
}

describe('orders', () => {
  for (const entry of golden.orders) {
    const { k, positions, model, image } = entry;
    it(`order ${k} of ${positions} places for ${model.slice(0, 8)}, ${image.slice(0, 8)} is the golden one`, () => {
      assert.deepEqual([...compute(entry)], entry.order);
    });
  }

  it('rejects words that would bias the draw, as the golden order of 65536 places does', () => {
    for (const entry of golden.hashed) {
      const bytes = [...compute(entry)].flatMap((place) => [place >> 8, place & 255]);
      assert.equal(toHex(sha256(Uint8Array.from(bytes))), entry.sha256);
    }
  });

  const models = fileURLToPath(new URL('../../models/', import.meta.url));
  const files = readdirSync(models).map((model) => `${models}${model}/golden.json`);
  for (const file of files.filter((path) => existsSync(path))) {
    it(`agree with the training code in ${file.slice(models.length)}`, () => {
      const { orders }: typeof golden = JSON.parse(readFileSync(file, 'utf8'));
      assert.ok(orders.length > 0);
      for (const entry of orders) assert.deepEqual([...compute(entry)], entry.order);
    });
  }

  it('are permutations of all places', () => {
    fc.assert(
      fc.property(digest, digest, uint32, fc.integer({ min: 1, max: 300 }), (model, image, k, positions) => {
        const places = [...orderOf(model, image, k, positions)].sort((a, b) => a - b);
        assert.deepEqual(places, [...places.keys()]);
        assert.equal(places.length, positions);
      }),
    );
  });

  it('depend on the model, the image and k alike', () => {
    fc.assert(
      fc.property(digest, digest, uint32, fc.nat(31), (model, image, k, place) => {
        const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === place ? byte ^ 1 : byte));
        const base = String(orderOf(model, image, k, 64));
        assert.notEqual(String(orderOf(flipped(model), image, k, 64)), base);
        assert.notEqual(String(orderOf(model, flipped(image), k, 64)), base);
        assert.notEqual(String(orderOf(model, image, (k + 1) % 2 ** 32, 64)), base);
      }),
    );
  });

  it('put every place at every rank equally often', () => {
    const [positions, draws] = [8, 4000];
    const counts = new Float64Array(positions ** 2);
    for (let k = 0; k < draws; k++) {
      const image = sha256(Uint8Array.of(k >> 8, k & 255));
      orderOf(new Uint8Array(32), image, k % 5, positions).forEach(
        (place, rank) => counts[rank * positions + place]!++,
      );
    }
    const expected = draws / positions;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // (positions - 1)^2 = 49 degrees of freedom: 85.35 is exceeded once in 1000 by uniform draws.
    assert.ok(chiSquare < 85.35, `chi-square ${chiSquare}`);
    // A draw too even to be random would be as wrong: 23.98 is undercut once in 1000.
    assert.ok(chiSquare > 23.98, `chi-square ${chiSquare}`);
  });

  it('refuse arguments that the format does not know', () => {
    const [good, short] = [new Uint8Array(32), new Uint8Array(31)];
    const wrong: [Uint8Array, Uint8Array, number, number][] = [
      [short, good, 0, 16],
      [good, short, 0, 16],
      [good, good, -1, 16],
      [good, good, 2 ** 32, 16],
      [good, good, 0.5, 16],
      [good, good, 0, 0],
      [good, good, 0, 65_537],
    ];
    for (const args of wrong) assert.throws(() => orderOf(...args), { code: 'INTERNAL' });
  });
});
