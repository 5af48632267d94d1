import assert from 'node:assert/strict';
import { labelText, labelView } from '../../src/cli/label-view.ts';
import { labelRecord } from '../console/labels.ts';

const HOW = { classId: 1, className: 'ring', orders: 2, rows: 30, pruned: 5, ruledOut: 3 };

describe('labelView', () => {
  it('says what narrowed a decision: the load, the proposer, the plan', () => {
    const under = labelView(labelRecord({ outcome: { case: 'classified', value: { ...HOW, maxOrders: 2 } } }));
    assert.partialDeepStrictEqual(under, { outcome: 'classified', pruned: 5, ruledOut: 3, maxOrders: 2 });
  });

  it('has no ceiling of orders where the load asked for none', () => {
    const view = labelView(labelRecord({ outcome: { case: 'classified', value: HOW } }));
    assert.equal('maxOrders' in view, false);
  });

  it('tells of a failure by its code, and of an expired image by the age that was allowed', () => {
    const failed = { code: 'IMAGE_CORRUPT', message: 'cut short', stage: 'tokenize' };
    const view = labelView(labelRecord({ outcome: { case: 'failed', value: failed } }));
    assert.partialDeepStrictEqual(view, { outcome: 'failed', error: failed });
    assert.match(labelText(view), /: failed, IMAGE_CORRUPT: cut short$/);
    const expired = labelView(labelRecord({ outcome: { case: 'expired', value: { maxAgeMs: 500n } } }));
    assert.partialDeepStrictEqual(expired, { outcome: 'expired', maxAgeMs: 500 });
  });

  it('refuses a label without an outcome', () => {
    const none = labelRecord({ outcome: { case: undefined } });
    assert.throws(() => labelView(none), { code: 'RECORD_INVALID' });
  });
});
