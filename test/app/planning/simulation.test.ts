import assert from 'node:assert/strict';
import { simulate, type SimulationOptions } from '../../../src/app/planning/simulation.ts';

const OPTIONS: SimulationOptions = {
  images: [[{ prefix: 8, rows: 10 }]],
  rate: 1,
  processes: 1,
  workers: 1,
  tileRows: 10,
  maxDelayMs: 5,
  maxImages: 64,
  tileMs: () => 100,
  hopMs: 10,
  besideMs: 0,
  count: 3000,
};

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('simulated scoring', () => {
  it('takes two hops and a tile for an image that nobody is before', () => {
    const { latencies } = simulate({ ...OPTIONS, rate: 0.001 });
    assert.ok(latencies.every((ms) => Math.abs(ms - 120) < 1e-6));
  });

  it('adds a hop and a tile for every further round', () => {
    const round = { prefix: 8, rows: 10 };
    const { latencies } = simulate({ ...OPTIONS, rate: 0.001, images: [[round, round, round]] });
    assert.ok(latencies.every((ms) => Math.abs(ms - (4 * 10 + 3 * 100)) < 1e-6));
  });

  it('keeps workers as busy as the load asks', () => {
    const { utilization } = simulate({ ...OPTIONS, rate: 5 });
    assert.ok(Math.abs(utilization - 0.5) < 0.03, String(utilization));
  });

  it('takes longer for a tile where other work has a share of the cores', () => {
    const { latencies, utilization } = simulate({ ...OPTIONS, rate: 1, besideMs: 200 });
    assert.ok(Math.abs((latencies[0] ?? 0) - (20 + 100 / 0.8)) < 1e-6, String(latencies[0]));
    assert.ok(Math.abs(utilization - 0.125) < 0.01, String(utilization));
  });

  it('waits as long as theory says where every image fills a tile of its own', () => {
    // Mean wait before one server with constant service time at half load: service / 2 (Pollaczek and Khinchine).
    const { latencies } = simulate({ ...OPTIONS, rate: 5, count: 20_000 });
    assert.ok(Math.abs(mean(latencies) - (120 + 50)) < 8, String(mean(latencies)));
  });

  it('shares tiles between images: five times as many as there are tiles go through', () => {
    const small = simulate({ ...OPTIONS, rate: 50, images: [[{ prefix: 8, rows: 1 }]] });
    assert.ok((small.latencies.at(-1) ?? Infinity) < 500);
  });

  it('keeps up with enough processes where one falls ever further behind', () => {
    const one = simulate({ ...OPTIONS, rate: 20, count: 500 });
    const four = simulate({ ...OPTIONS, rate: 20, count: 500, processes: 4 });
    assert.ok(one.utilization > 0.99);
    assert.ok(mean(four.latencies) < mean(one.latencies) / 10);
  });

  it('gives the same each time', () => {
    assert.deepEqual(simulate({ ...OPTIONS, rate: 8 }), simulate({ ...OPTIONS, rate: 8 }));
  });
});
