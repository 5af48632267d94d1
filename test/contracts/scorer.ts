import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import type { RoundRequest, Scorer, Tile } from '../../src/ports/scorer.ts';
import { MicroBatcher } from '../../src/runtime/micro-batcher.ts';
import { silent } from '../support/silent.ts';

/** One row, as golden.json holds it and as tiles are made of. */
export interface ScorerRow {
  tokens: readonly number[];
  /** The first `prefix` places of a permutation. */
  order: readonly number[];
  class: number;
}

/** The model behind the scorer. */
export interface ScorerSubject {
  positions: number;
  codes: number;
  classes: number;
  prefixes: readonly number[];
  golden: readonly (ScorerRow & { logLikelihood: readonly number[] })[];
}

/** The model of a folder, with its golden rows. */
export function subjectOf(folder: string): ScorerSubject {
  const { tokens, classes, prefixes } = JSON.parse(readFileSync(`${folder}/model.json`, 'utf8'));
  const { rows: golden } = JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8'));
  return { ...tokens, classes: classes.length, prefixes, golden };
}

/** What ports/scorer.ts promises. `open` opens a scorer of at least two workers. */
export function scorerContract(name: string, subject: ScorerSubject, open: () => Promise<Scorer>): void {
  describe(`${name} as a Scorer`, () => {
    let scorer: Scorer;
    before(async () => {
      scorer = await open();
    });
    after(() => scorer.close());

    it('gives a log-probability for every row and token', async () => {
      for (const prefix of [1, ...subject.prefixes]) {
        const rows = fc.sample(row(subject, prefix), { numRuns: scorer.tileRows, seed: 1 });
        const result = await scorer.score(tileOf(rows, scorer.tileRows));
        assert.equal(result.length, scorer.tileRows * prefix);
        assert.ok(result.every((value) => Number.isFinite(value) && value <= 0));
      }
    });

    it('differs from the golden rows by at most 0.001 nat a token', async () => {
      for (const golden of subject.golden) {
        const result = await scoreAlone(scorer, golden);
        golden.logLikelihood.forEach((expected, i) => {
          const found = result[i] ?? Number.NaN;
          assert.ok(Math.abs(found - expected) <= 0.001, `token ${i}: ${found} is not ${expected}`);
        });
      }
    });

    it('gives a row the same bits at every place of a tile, whatever its neighbours', async () => {
      await fc.assert(
        fc.asyncProperty(tileRows(subject, scorer.tileRows), async (rows) => {
          const [first] = rows;
          const expected = await scoreAlone(scorer, first);
          for (let place = 0; place < rows.length; place++) {
            const rotated = [...rows.slice(rows.length - place), ...rows.slice(0, rows.length - place)];
            const result = await scorer.score(tileOf(rotated, scorer.tileRows));
            assertSameBits(slice(result, place, first.order.length), expected);
          }
        }),
        { numRuns: 5 },
      );
    });

    it('gives a row the same bits in a full tile and in a padded one', async () => {
      await fc.assert(
        fc.asyncProperty(tileRows(subject, scorer.tileRows), async (rows) => {
          const full = await scorer.score(tileOf(rows, scorer.tileRows));
          for (const count of [1, 2, rows.length - 1]) {
            const padded = await scorer.score(tileOf(rows.slice(0, count), scorer.tileRows));
            const used = count * rows[0].order.length;
            assertSameBits(padded.subarray(0, used), full.subarray(0, used));
          }
        }),
        { numRuns: 10 },
      );
    });

    it('gives a tile the same bits on every worker, whatever ran before and beside it', async () => {
      const [target] = fc.sample(tileRows(subject, scorer.tileRows), { numRuns: 1, seed: 2 });
      const others = fc.sample(tileRows(subject, scorer.tileRows), { numRuns: 8, seed: 3 });
      assert.ok(target);
      const tile = tileOf(target, scorer.tileRows);
      const expected = await scorer.score(tile);
      for (const other of others) {
        const beside = scorer.score(tileOf(other, scorer.tileRows));
        const results = await Promise.all(Array.from({ length: 2 * scorer.parallelism }, () => scorer.score(tile)));
        await beside;
        for (const result of results) assertSameBits(result, expected);
      }
    });

    it('gives the same bits under the same profile when it is opened again', async () => {
      const rows = fc.sample(tileRows(subject, scorer.tileRows), { numRuns: 4, seed: 4 });
      const again = await open();
      try {
        assert.deepEqual(again.profile, scorer.profile);
        for (const sample of rows) {
          const tile = tileOf(sample, scorer.tileRows);
          assertSameBits(await again.score(tile), await scorer.score(tile));
        }
      } finally {
        await again.close();
      }
    });

    it('gives rounds the same evidence one at a time and many at once', async () => {
      const rounds = fc.array(round(subject), { minLength: 2, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(rounds, fc.integer({ min: 0, max: 3 }), async (requests, maxDelayMs) => {
          const alone = await inTurn(scorer, subject, requests);
          const batcher = new MicroBatcher(scorer, {
            positions: subject.positions,
            maxDelayMs,
            telemetry: silent.telemetry,
          });
          const together = await Promise.all(requests.map((request) => batcher.scoreRound(request)));
          await batcher.close();
          assert.deepEqual(together, alone);
        }),
        { numRuns: 12 },
      );
    });

    it('refuses a tile of another number of rows', async () => {
      const rows = fc.sample(row(subject, 1), 1);
      await assert.rejects(scorer.score(tileOf(rows, scorer.tileRows + 1)), { code: 'INTERNAL' });
    });

    it('finishes the tiles that were begun when it is closed, and takes no more', async () => {
      const closing = await open();
      const rows = fc.sample(tileRows(subject, closing.tileRows), { numRuns: 6, seed: 5 });
      const begun = rows.map((sample) => closing.score(tileOf(sample, closing.tileRows)));
      await closing.close();
      const results = await Promise.all(begun);
      assert.ok(results.every((result) => result.length > 0));
      const [late] = rows;
      assert.ok(late);
      await assert.rejects(closing.score(tileOf(late, closing.tileRows)), { code: 'STOPPED' });
    });
  });
}

type Rows = [ScorerRow, ...ScorerRow[]];

function row({ positions, codes, classes }: ScorerSubject, prefix: number): fc.Arbitrary<ScorerRow> {
  const places = Array.from({ length: positions }, (_, place) => place);
  return fc.record({
    tokens: fc.array(fc.nat(codes - 1), { minLength: positions, maxLength: positions }),
    order: fc.shuffledSubarray(places, { minLength: prefix, maxLength: prefix }),
    class: fc.nat(classes - 1),
  });
}

/** Rows that fill a tile, all of one prefix length. */
function tileRows(subject: ScorerSubject, count: number): fc.Arbitrary<Rows> {
  return fc.constantFrom(...subject.prefixes).chain((prefix) => {
    const one = row(subject, prefix);
    return fc
      .tuple(one, fc.array(one, { minLength: count - 1, maxLength: count - 1 }))
      .map(([first, rest]): Rows => [first, ...rest]);
  });
}

function round({ positions, codes, classes, prefixes }: ScorerSubject): fc.Arbitrary<RoundRequest> {
  const places = Array.from({ length: positions }, (_, place) => place);
  const order = fc.shuffledSubarray(places, { minLength: positions, maxLength: positions });
  return fc.record({
    tokens: fc
      .array(fc.nat(codes - 1), { minLength: positions, maxLength: positions })
      .map((it) => Uint16Array.from(it)),
    orders: fc.array(
      order.map((it) => Uint16Array.from(it)),
      { minLength: 1, maxLength: 3 },
    ),
    prefix: fc.constantFrom(...prefixes),
    classes: fc.subarray(
      Array.from({ length: classes }, (_, id) => id),
      { minLength: 1 },
    ),
  });
}

async function inTurn(scorer: Scorer, { positions }: ScorerSubject, requests: RoundRequest[]): Promise<Int32Array[]> {
  const batcher = new MicroBatcher(scorer, { positions, maxDelayMs: 0, telemetry: silent.telemetry });
  const results: Int32Array[] = [];
  for (const request of requests) results.push(await batcher.scoreRound(request));
  await batcher.close();
  return results;
}

async function scoreAlone(scorer: Scorer, only: ScorerRow): Promise<Float32Array> {
  return slice(await scorer.score(tileOf([only], scorer.tileRows)), 0, only.order.length);
}

/** A tile of `count` rows that begins with the given ones; the first of them is repeated. */
function tileOf(rows: readonly ScorerRow[], count: number): Tile {
  const filled = Array.from({ length: count }, (_, place) => rows[place] ?? rows[0]).filter((it) => it !== undefined);
  return {
    rows: count,
    prefix: filled[0]?.order.length ?? 0,
    tokens: Int32Array.from(filled.flatMap(({ tokens }) => tokens)),
    orders: Int32Array.from(filled.flatMap(({ order }) => order)),
    classes: Int32Array.from(filled, (it) => it.class),
  };
}

function slice(result: Float32Array, place: number, prefix: number): Float32Array {
  return result.subarray(place * prefix, (place + 1) * prefix);
}

function assertSameBits(found: Float32Array, expected: Float32Array): void {
  const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  assert.ok(bytes(found).equals(bytes(expected)), `${found.join()} is not bit for bit ${expected.join()}`);
}
