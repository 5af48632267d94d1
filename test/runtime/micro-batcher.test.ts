import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { OrdoError } from '../../src/errors.ts';
import type { NumericProfile, RoundRequest, Scorer, Tile } from '../../src/ports/scorer.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { MicroBatcher } from '../../src/runtime/micro-batcher.ts';
import { silent } from '../support/silent.ts';

const POSITIONS = 4;
const NAT = 4096;

/** Scores by arithmetic, and only when told: a row's tokens each cost their value plus a hundredth of the class. */
class HandScorer implements Scorer {
  readonly profile: NumericProfile = {
    modelDigest: '00',
    precision: 'fp32',
    provider: 'cpu',
    runtime: 'by hand',
    cpu: 'none',
    threads: 1,
    tileRows: 4,
  };
  readonly tileRows = 4;
  readonly parallelism: number;
  readonly waiting: { tile: Tile; resolve: (values: Float32Array) => void; reject: (error: unknown) => void }[] = [];
  tiles = 0;

  constructor(parallelism = 1) {
    this.parallelism = parallelism;
  }

  score(tile: Tile): Promise<Float32Array> {
    this.tiles += 1;
    return new Promise((resolve, reject) => this.waiting.push({ tile, resolve, reject }));
  }

  /** Finishes the oldest tile; gives the classes of its rows. */
  async finish(change: (values: Float32Array) => void = () => {}): Promise<number[]> {
    const next = this.waiting.shift();
    assert.ok(next, 'the scorer has no tile');
    const values = compute(next.tile);
    change(values);
    next.resolve(values);
    await turns();
    return [...next.tile.classes];
  }

  async fail(): Promise<void> {
    this.waiting.shift()?.reject(new OrdoError('SCORER_FAILED', 'by hand'));
    await turns();
  }

  async finishAll(): Promise<void> {
    await turn();
    while (this.waiting.length > 0) await this.finish();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Long enough for a result to be taken in, and for the end of that turn. */
async function turns(): Promise<void> {
  await turn();
  await turn();
}

function compute({ prefix, tokens, orders, classes }: Tile): Float32Array {
  return Float32Array.from(orders, (place, at) => {
    const row = Math.floor(at / prefix);
    return -(tokens[row * POSITIONS + place] ?? Number.NaN) - (classes[row] ?? Number.NaN) / 128;
  });
}

/** A round of one order over `classes`. */
function round(classes: number[], overrides: Partial<RoundRequest> = {}): RoundRequest {
  return { tokens: Uint16Array.of(1, 2, 3, 4), orders: [Uint16Array.of(3, 2, 1, 0)], prefix: 2, classes, ...overrides };
}

function open(scorer: Scorer, { maxDelayMs = 1e6, telemetry = silent.telemetry } = {}): MicroBatcher {
  return new MicroBatcher(scorer, { positions: POSITIONS, maxDelayMs, telemetry });
}

/** Counts by metric and labels. */
function recorder(): { counts: Record<string, number>; telemetry: Telemetry } {
  const counts: Record<string, number> = {};
  const telemetry: Telemetry = {
    ...silent.telemetry,
    count: (metric, labels, value = 1) => {
      const name = [metric, ...Object.values(labels)].join(' ');
      counts[name] = (counts[name] ?? 0) + value;
    },
    observe: (metric, labels) => {
      const name = [metric, ...Object.values(labels)].join(' ');
      counts[name] = (counts[name] ?? 0) + 1;
    },
  };
  return { counts, telemetry };
}

describe('MicroBatcher', () => {
  it('gives fixed-point sums of the prefix, order by order and class by class', async () => {
    const scorer = new HandScorer();
    const orders = [Uint16Array.of(3, 2, 1, 0), Uint16Array.of(0, 1, 2, 3)];
    const scored = open(scorer).scoreRound(round([0, 64], { orders }));
    await scorer.finishAll();
    assert.deepEqual(await scored, Int32Array.of(-7 * NAT, -8 * NAT, -3 * NAT, -4 * NAT));
  });

  it('sends rounds that come in one turn to an idle scorer together', async () => {
    const scorer = new HandScorer();
    const batcher = open(scorer);
    const scored = [batcher.scoreRound(round([1])), batcher.scoreRound(round([2, 3]))];
    await turn();
    assert.equal(scorer.tiles, 1);
    assert.deepEqual(await scorer.finish(), [1, 2, 3, 1]);
    await Promise.all(scored);
  });

  it('sends full tiles before the turn ends', async () => {
    const scorer = new HandScorer();
    const scored = open(scorer).scoreRound(round([0, 1, 2, 3]));
    await Promise.resolve();
    assert.equal(scorer.tiles, 1);
    await scorer.finishAll();
    await scored;
  });

  it('keeps rows that do not fill a tile while the scorer is busy, and fills it with later ones', async () => {
    const scorer = new HandScorer();
    const batcher = open(scorer);
    const scored = [batcher.scoreRound(round([0, 1, 2, 3, 4]))];
    await turn();
    assert.equal(scorer.tiles, 1);
    scored.push(batcher.scoreRound(round([5, 6, 7])));
    await turn();
    await scorer.finish();
    assert.deepEqual(await scorer.finish(), [4, 5, 6, 7]);
    await Promise.all(scored);
  });

  it('sends a tile that is not full to a busy scorer once its first row has waited long enough', async () => {
    const scorer = new HandScorer();
    const { counts, telemetry } = recorder();
    const scored = open(scorer, { maxDelayMs: 5, telemetry }).scoreRound(round([0, 1, 2, 3, 4]));
    while (scorer.tiles < 2) await sleep(1);
    assert.equal(counts['ordo_tiles_total 2 delay'], 1);
    await scorer.finishAll();
    await scored;
  });

  it('keeps no more tiles with the scorer than it computes at once and one ahead of each', async () => {
    const scorer = new HandScorer(2);
    const scored = open(scorer).scoreRound(round(Array.from({ length: 40 }, (_, id) => id)));
    await turn();
    assert.equal(scorer.tiles, 4);
    await scorer.finish();
    assert.equal(scorer.tiles, 5);
    await scorer.finishAll();
    await scored;
  });

  it('rejects only the rounds with rows in a tile that failed', async () => {
    const scorer = new HandScorer();
    const batcher = open(scorer);
    const failed = [batcher.scoreRound(round([0, 1, 2])), batcher.scoreRound(round([3, 4, 5, 6, 7]))];
    const whole = batcher.scoreRound(round([8, 9, 10, 11]));
    const outcome = Promise.allSettled(failed);
    await scorer.fail();
    await scorer.finishAll();
    for (const result of await outcome) {
      assert.ok(result.status === 'rejected' && result.reason instanceof OrdoError);
      assert.equal(result.reason.code, 'SCORER_FAILED');
    }
    assert.equal((await whole).length, 4);
  });

  it('does not score the other tiles of a round that failed', async () => {
    const scorer = new HandScorer();
    const scored = open(scorer).scoreRound(round(Array.from({ length: 40 }, (_, id) => id)));
    const rejected = assert.rejects(scored, { code: 'SCORER_FAILED' });
    await turn();
    await scorer.fail();
    await rejected;
    await scorer.finishAll();
    assert.equal(scorer.tiles, 2);
  });

  it('rejects a round with a result that is not finite, and not its neighbours in the tile', async () => {
    const scorer = new HandScorer();
    const batcher = open(scorer);
    const rejected = assert.rejects(batcher.scoreRound(round([0, 1])), { code: 'SCORER_NOT_FINITE' });
    const whole = batcher.scoreRound(round([2, 3]));
    await scorer.finish((values) => values.fill(Number.NaN, 2, 3));
    await rejected;
    assert.equal((await whole).length, 2);
  });

  it('waits for the tiles under way when it is closed, and rejects rounds that need others', async () => {
    const scorer = new HandScorer();
    const { counts, telemetry } = recorder();
    const batcher = open(scorer, { telemetry });
    const under = batcher.scoreRound(round([0, 1, 2, 3]));
    const torn = assert.rejects(batcher.scoreRound(round([0, 1, 2, 3, 4])), { code: 'STOPPED' });
    const late = assert.rejects(batcher.scoreRound(round([0])), { code: 'STOPPED' });
    const closed = batcher.close();
    await assert.rejects(batcher.scoreRound(round([0])), { code: 'STOPPED' });
    await Promise.all([torn, late]);
    await scorer.finishAll();
    await closed;
    assert.equal((await under).length, 4);
    assert.deepEqual([counts['ordo_tiles_total 2 full'], counts['ordo_tiles_total 2 idle']], [2, undefined]);
  });

  it('counts rows and tiles by prefix length and by why the tile went', async () => {
    const scorer = new HandScorer();
    const { counts, telemetry } = recorder();
    const scored = open(scorer, { telemetry }).scoreRound(round([0, 1, 2, 3, 4]));
    await scorer.finishAll();
    await scored;
    assert.deepEqual(counts, {
      'ordo_tiles_total 2 full': 1,
      'ordo_tiles_total 2 idle': 1,
      'ordo_tile_fill_ratio 2': 2,
      'ordo_tile_wait_seconds 2': 2,
      'ordo_tile_seconds 2': 2,
      'ordo_rows_total 2': 5,
    });
  });

  it('refuses a round of another number of tokens than the model', async () => {
    const batcher = open(new HandScorer());
    await assert.rejects(batcher.scoreRound(round([0], { tokens: new Uint16Array(3) })), { code: 'INTERNAL' });
  });
});
