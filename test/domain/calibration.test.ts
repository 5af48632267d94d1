import assert from 'node:assert/strict';
import { summarize } from '../../src/domain/calibration.ts';

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
}

const sure = { posteriors: [0.75, 0.25], label: 0 };
const wrong = { posteriors: [0.75, 0.25], label: 1 };

describe('calibration', () => {
  it('counts an image as right when its most probable class is the true one, the lower of equals', () => {
    close(summarize([sure, sure, wrong]).accuracy, 2 / 3);
    assert.equal(summarize([{ posteriors: [0.5, 0.5], label: 0 }]).accuracy, 1);
    assert.equal(summarize([{ posteriors: [0.5, 0.5], label: 1 }]).accuracy, 0);
  });

  it('takes the mean negative log posterior of the true class', () => {
    close(summarize([sure, wrong]).nll, -(Math.log(0.75) + Math.log(0.25)) / 2);
  });

  it('counts a posterior of 0 as the smallest double', () => {
    const { nll } = summarize([{ posteriors: [1, 0], label: 1 }]);
    assert.equal(nll, -Math.log(Number.MIN_VALUE));
    assert.ok(nll > 744 && nll < 745);
  });

  it('finds no calibration error where confidence and accuracy agree', () => {
    close(summarize([sure, sure, sure, wrong]).ece, 0);
  });

  it('finds the gap between confidence and accuracy, bin by bin, weighted by the images', () => {
    const other = { posteriors: [0.5, 0.5], label: 0 };
    // Bin of 0.75: 1 of 2 right, gap 0.25; bin of 0.5: 1 of 1 right, gap 0.5.
    close(summarize([sure, wrong, other]).ece, (2 * 0.25 + 1 * 0.5) / 3);
  });

  it('closes its 15 bins at the upper edge', () => {
    // 0.6 = 9 / 15 falls in (8/15, 9/15] with 0.55, whose gaps cancel; 0.61 falls above, and nothing cancels.
    const hit = (confidence: number) => ({ posteriors: [confidence, 1 - confidence], label: 0 });
    const miss = (confidence: number) => ({ posteriors: [confidence, 1 - confidence], label: 1 });
    close(summarize([hit(0.6), miss(0.55)]).ece, Math.abs(1 - 1.15) / 2);
    close(summarize([hit(0.61), miss(0.55)]).ece, (0.39 + 0.55) / 2);
  });

  it('puts certainty into the last bin', () => {
    assert.deepEqual(summarize([{ posteriors: [1, 0], label: 0 }]), { accuracy: 1, nll: 0, ece: 0 });
  });

  it('knows nothing of no images', () => {
    const { accuracy, nll, ece } = summarize([]);
    assert.ok([accuracy, nll, ece].every(Number.isNaN));
  });
});
