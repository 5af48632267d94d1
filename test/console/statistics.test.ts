import assert from 'node:assert/strict';
import { Statistics } from '../../src/console/statistics.ts';
import { viewOf } from './labels.ts';

const NOW = 1_000_000;

describe('Statistics', () => {
  it('knows nothing before the first label', () => {
    const { rate, latencyMs, accuracy, perImage, logEvidence, perSecond } = new Statistics().summary(NOW);
    assert.equal(rate, 0);
    assert.deepEqual(latencyMs, { p50: null, p95: null });
    assert.deepEqual(accuracy, { right: 0, judged: 0 });
    assert.deepEqual(perImage, { orders: null, rows: null });
    assert.deepEqual(logEvidence, { classes: null, none: null, noneSeen: 0 });
    assert.deepEqual(new Set(perSecond), new Set([0]));
  });

  it('counts labels by second, up to the last whole one', () => {
    const statistics = new Statistics();
    for (const ago of [500, 1500, 2100, 400_000]) statistics.add(viewOf({}, { timestampMs: NOW + 500 - ago }));
    statistics.add(viewOf({}, { timestampMs: NOW + 400 }));
    const { perSecond, rate } = statistics.summary(NOW + 500);
    assert.equal(perSecond.length, 300);
    assert.deepEqual(perSecond.slice(-3), [0, 1, 1]);
    assert.equal(
      perSecond.reduce((a, b) => a + b),
      2,
    );
    assert.equal(rate, 0.2);
  });

  it('takes latency percentiles over the last minute', () => {
    const statistics = new Statistics();
    const add = (latency: number, atMs: number) =>
      statistics.add(viewOf({ capturedAtMs: atMs - latency }, { timestampMs: atMs }));
    add(99_999, NOW - 61_000);
    for (let latency = 1; latency <= 100; latency++) add(latency * 10, NOW - latency);
    assert.deepEqual(statistics.summary(NOW).latencyMs, { p50: 500, p95: 950 });
    assert.deepEqual(statistics.summary(NOW + 120_000).latencyMs, { p50: null, p95: null });
  });

  it('takes a clock that ran ahead at the camera for no latency at all', () => {
    const statistics = new Statistics();
    statistics.add(viewOf({ capturedAtMs: NOW + 50 }, { timestampMs: NOW }));
    assert.equal(statistics.summary(NOW).latencyMs.p50, 0);
  });

  it('judges only images whose truth is one of the classes', () => {
    const statistics = new Statistics();
    for (const truth of ['0', '0', '1', 'none', undefined])
      statistics.add(viewOf(truth === undefined ? {} : { truth }));
    assert.deepEqual(statistics.summary(NOW).accuracy, { right: 2, judged: 3 });
  });

  it('keeps log p(x) of images of none of the classes apart', () => {
    const statistics = new Statistics();
    for (const logEvidence of [-10, -12, -30]) statistics.add(viewOf({ logEvidence, truth: '0' }));
    statistics.add(viewOf({ logEvidence: -99, truth: 'none' }));
    assert.deepEqual(statistics.summary(NOW).logEvidence, { classes: -12, none: -99, noneSeen: 1 });
  });

  it('counts outcomes, and leaves what has no label out of the means', () => {
    const statistics = new Statistics();
    statistics.add(viewOf({ orders: 2, rows: 40 }));
    statistics.add(viewOf({ orders: 4, rows: 80 }));
    statistics.add(viewOf({ outcome: { case: 'failed', value: {} } }));
    statistics.add(viewOf({ outcome: { case: 'expired', value: {} } }));
    const { outcomes, perImage } = statistics.summary(NOW);
    assert.deepEqual(outcomes, { classified: 2, failed: 1, expired: 1 });
    assert.deepEqual(perImage, { orders: 3, rows: 60 });
  });

  it('takes means over the newest labels only', () => {
    const statistics = new Statistics();
    statistics.add(viewOf({ rows: 1_000_000 }));
    for (let i = 0; i < 500; i++) statistics.add(viewOf({ rows: 10 }));
    assert.equal(statistics.summary(NOW).perImage.rows, 10);
  });
});
