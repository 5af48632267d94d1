import assert from 'node:assert/strict';
import type { RunResult } from '../../../src/app/verify/run.ts';
import { verdictOf } from '../../../src/app/verify/verify.ts';
import { logRecord } from '../../support/records.ts';

const outcome = (id: string, text = 'label') => logRecord({ headers: { ce_id: id }, value: Buffer.from(text) });

function result(ids: readonly string[], fields: Partial<RunResult> = {}): RunResult {
  const outcomes = ids.map((id) => outcome(id));
  return { outcomes, duplicated: 0, endings: 0, settled: true, atomicCommit: true, ...fields };
}

const judge = (disturbed: RunResult, undisturbed = result(['1', '2'])) =>
  verdictOf(undisturbed, disturbed, { images: 2, faults: [] });

describe('verdictOf', () => {
  it('passes a run with one outcome for every image', () => {
    const { lost, changed, doubled, unexpected, passed } = judge(result(['2', '1']));
    assert.deepEqual([lost, changed, doubled, unexpected, passed], [0, 0, 0, 0, true]);
  });

  it('fails a run that lost or changed an outcome, or has one too many', () => {
    assert.equal(judge(result(['1'])).passed, false);
    assert.equal(judge(result(['1', '2', '3'])).passed, false);
    assert.equal(judge(result([], { outcomes: [outcome('1'), outcome('2', 'another')] })).passed, false);
  });

  it('lets outcomes be doubled where the log cannot help it or records were', () => {
    const doubled = ['1', '2', '2'];
    assert.equal(judge(result(doubled)).passed, false);
    assert.equal(judge(result(doubled, { atomicCommit: false })).passed, true);
    assert.equal(judge(result(doubled, { duplicated: 1 })).passed, true);
  });

  it('counts an image that the undisturbed run lost too', () => {
    const { lost, passed } = judge(result(['1']), result(['1']));
    assert.deepEqual([lost, passed], [1, false]);
  });

  it('fails a run that stood still with work left', () => {
    assert.equal(judge(result(['1', '2'], { settled: false })).passed, false);
  });

  it('counts the faults by their kind', () => {
    const harms = [{ kind: 'broker', downMs: 1 } as const, { kind: 'add', stage: 'score' } as const];
    const faults = [...harms, ...harms].map((harm) => ({ harm, share: 0, moreMs: 0 }));
    assert.deepEqual(verdictOf(result([]), result([]), { images: 0, faults }).faults, { broker: 2, add: 2 });
  });
});
