import assert from 'node:assert/strict';
import type { MachineProfile } from '../../../src/app/planning/machine.ts';
import { planDeployment } from '../../../src/app/planning/plan.ts';
import type { LabelledReadings } from '../../../src/domain/plan-search.ts';
import { readingsOf } from '../../../src/domain/replay.ts';
import { tinySpec } from '../../support/tiny.ts';

const tiny = tinySpec('/nowhere');
const spec = { ...tiny, decision: { ...tiny.decision, plan: { kind: 'fixed' as const, orders: 2, prefix: 16 } } };
const machine: MachineProfile = {
  model: 'ab',
  provider: 'cpu',
  precision: 'fp32',
  cpu: 'some',
  workers: 2,
  shapes: [{ tileRows: 16, prefix: 16, rowsPerSecond: 3200, tileMs: 10 }],
};
/** An image whose 2 orders over 8 classes fill a tile. */
const images: LabelledReadings[] = [0, 1].map((label) => ({
  readings: readingsOf(
    Float32Array.from({ length: 2 * 8 * 16 }, (_, at) => (Math.floor(at / 16) % 8 === 0 ? -1 : -2)),
    { orders: 2, classes: 8, positions: 16 },
    [8, 16],
  ),
  label,
  track: String(label),
}));
const demand = { rate: 500, latencyMs: 200, hopMs: 5, besideMs: 0 };

describe('planning a deployment', () => {
  it('says what an image takes and how many are labelled right', () => {
    const found = planDeployment(images, spec, machine, demand);
    assert.ok(found);
    const { accuracy, rounds, rows, workerMs, capacity } = found;
    assert.deepEqual(
      { accuracy, rounds, rows, workerMs, capacity },
      { accuracy: 0.5, rounds: 1, rows: 16, workerMs: 10, capacity: 200 },
    );
  });

  it('takes enough processes for the rate, with partitions to double them', () => {
    const found = planDeployment(images, spec, machine, demand);
    assert.ok(found && found.processes >= 3 && found.processes <= 4, JSON.stringify(found));
    assert.equal(found.partitions, 8);
    assert.ok(found.simulated.p99Ms <= 200);
  });

  it('asks for no more partitions than a pipeline may have', () => {
    const found = planDeployment(images, spec, machine, { ...demand, rate: 110_000 });
    assert.ok(found && found.processes > 512);
    assert.equal(found.partitions, 1024);
  });

  it('takes more processes for a shorter latency', () => {
    const relaxed = planDeployment(images, spec, machine, { ...demand, latencyMs: 1000 });
    const strict = planDeployment(images, spec, machine, { ...demand, latencyMs: 35 });
    assert.ok(relaxed && strict);
    assert.ok(strict.processes > relaxed.processes);
    assert.ok(strict.lagThreshold < relaxed.lagThreshold);
  });

  it('takes more processes where images cost more than their scores', () => {
    const apart = planDeployment(images, spec, machine, demand);
    const together = planDeployment(images, spec, machine, { ...demand, besideMs: 10 });
    assert.ok(apart && together);
    assert.equal(together.capacity, 100);
    assert.ok(together.processes > apart.processes && together.processes <= 7, JSON.stringify(together));
  });

  it('finds none where one image alone takes too long', () => {
    assert.equal(planDeployment(images, spec, machine, { ...demand, latencyMs: 15 }), undefined);
  });

  it('refuses a profile without the tiles of the pipeline', () => {
    const other = { ...machine, shapes: [{ tileRows: 4, prefix: 16, rowsPerSecond: 1, tileMs: 1 }] };
    assert.throws(() => planDeployment(images, spec, other, demand), {
      code: 'PROFILE_INVALID',
      message: 'tiles of 16 rows and prefix 16 were not measured',
    });
  });
});
