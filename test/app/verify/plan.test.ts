import assert from 'node:assert/strict';
import { STAGES, type StageName } from '../../../src/app/spec.ts';
import { FAULT_KINDS, type FaultKind, type Harm, planFaults } from '../../../src/app/verify/plan.ts';

const PROCESSES = { tokenize: 1, score: 2, aggregate: 1 };

const plan = (faults: number, seed: number, kinds: readonly FaultKind[] = FAULT_KINDS) =>
  planFaults({ faults, kinds, seed, processes: PROCESSES });

const kindOf = ({ kind }: Harm): FaultKind => (kind === 'add' || kind === 'remove' ? 'churn' : kind);

describe('planFaults', () => {
  it('gives the same faults for the same seed, and others for another', () => {
    assert.deepEqual(plan(50, 3), plan(50, 3));
    assert.notDeepEqual(plan(50, 3), plan(50, 4));
  });

  it('has each kind once in every round of them', () => {
    const kinds = plan(40, 1).map(({ harm }) => kindOf(harm));
    for (let first = 0; first < kinds.length; first += FAULT_KINDS.length) {
      assert.deepEqual(kinds.slice(first, first + FAULT_KINDS.length).sort(), [...FAULT_KINDS].sort());
    }
  });

  it('keeps to the kinds that it is given', () => {
    assert.deepEqual(
      new Set(plan(30, 1, ['kill', 'duplicate']).map(({ harm }) => harm.kind)),
      new Set(['kill', 'duplicate']),
    );
    assert.deepEqual(plan(0, 1), []);
  });

  it('never takes the last process of a stage away, and adds two at most', () => {
    const counts: Record<StageName, number> = { ...PROCESSES };
    const seen = new Set<string>();
    for (const { harm } of plan(500, 5, ['churn'])) {
      assert.ok(harm.kind === 'add' || harm.kind === 'remove');
      counts[harm.stage] += harm.kind === 'add' ? 1 : -1;
      seen.add(`${harm.kind} ${harm.stage}`);
      assert.ok(STAGES.every((stage) => counts[stage] >= 1 && counts[stage] <= PROCESSES[stage] + 2));
    }
    assert.equal(seen.size, 2 * STAGES.length);
  });

  it('halts processes for longer than their sessions last', () => {
    for (const { harm } of plan(100, 2, ['pause'])) assert.ok(harm.kind === 'pause' && harm.sessions > 1.1);
  });
});
