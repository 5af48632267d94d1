import assert from 'node:assert/strict';
import { compareOutcomes } from '../../../src/app/verify/outcomes.ts';
import { logRecord } from '../../support/records.ts';

const outcome = (id: string, text: string) => logRecord({ headers: { ce_id: id }, value: Buffer.from(text) });
const NOTHING = { lost: 0, changed: 0, doubled: 0, unexpected: 0 };
const EXPECTED = [outcome('1', 'a'), outcome('2', 'b')];

describe('compareOutcomes', () => {
  it('finds nothing in the same outcomes in another order', () => {
    assert.deepEqual(compareOutcomes(EXPECTED, EXPECTED.toReversed()), NOTHING);
  });

  it('counts an outcome that is not there as lost', () => {
    assert.deepEqual(compareOutcomes(EXPECTED, [outcome('2', 'b')]), { ...NOTHING, lost: 1 });
  });

  it('counts an outcome with other bytes as changed', () => {
    assert.deepEqual(compareOutcomes(EXPECTED, [outcome('1', 'x'), outcome('2', 'b')]), { ...NOTHING, changed: 1 });
  });

  it('counts an outcome that is there again as doubled, and as changed too if it then differs', () => {
    assert.deepEqual(compareOutcomes(EXPECTED, [...EXPECTED, outcome('1', 'a')]), { ...NOTHING, doubled: 1 });
    const differing = [...EXPECTED, outcome('1', 'a'), outcome('1', 'x')];
    assert.deepEqual(compareOutcomes(EXPECTED, differing), { ...NOTHING, doubled: 1, changed: 1 });
  });

  it('counts an outcome that nobody waits for as unexpected', () => {
    assert.deepEqual(compareOutcomes(EXPECTED, [...EXPECTED, outcome('3', 'c')]), { ...NOTHING, unexpected: 1 });
  });
});
