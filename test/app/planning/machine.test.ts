import assert from 'node:assert/strict';
import { measureMachine } from '../../../src/app/planning/machine.ts';
import { OrdoError } from '../../../src/errors.ts';
import type { Scorer } from '../../../src/ports/scorer.ts';
import { tinySpec } from '../../support/tiny.ts';

/** Counts how often it is closed. */
class FailingScorer implements Scorer {
  readonly profile: Scorer['profile'] = {
    modelDigest: '00',
    precision: 'fp32',
    provider: 'cpu',
    runtime: 'none',
    cpu: 'none',
    threads: 1,
    tileRows: 4,
  };
  readonly tileRows = 4;
  readonly parallelism = 1;
  closed = 0;

  score(): Promise<Float32Array> {
    return Promise.reject(new OrdoError('SCORER_FAILED', 'no device'));
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

describe('measuring a machine', () => {
  it('closes the scorer that fails, for its threads would keep the process from ending', async () => {
    const scorer = new FailingScorer();
    const measuring = measureMachine(tinySpec('/nowhere'), [4], 0.01, async () => scorer);
    await assert.rejects(measuring, { code: 'SCORER_FAILED' });
    assert.equal(scorer.closed, 1);
  });

  it('gives the speed of each shape', async () => {
    const { shapes, workers } = await measureMachine(tinySpec('/nowhere'), [4, 8], 0.01);
    assert.equal(workers, 1);
    assert.deepEqual(new Set(shapes.map(({ tileRows }) => tileRows)), new Set([4, 8]));
    assert.ok(shapes.every(({ rowsPerSecond, tileMs }) => rowsPerSecond > 0 && tileMs > 0));
  });
});
