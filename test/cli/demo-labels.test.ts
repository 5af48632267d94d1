import assert from 'node:assert/strict';
import { labelLine, recordLine } from '../../src/cli/demo-labels.ts';
import { CLASSES, type LabelFields, labelRecord, viewOf } from '../console/labels.ts';

describe('labelLine', () => {
  const lineOf = (fields: LabelFields) => labelLine(viewOf({ capturedAtMs: 1750, ...fields }));

  it('says on one line what was found, how sure, and what it took', () => {
    const line = lineOf({ stream: 'gate', classId: 1, truth: '1', posterior: 0.934, orders: 1 });
    assert.match(line, /^\d\d:\d\d:\d\d {2}gate +✓ {2}ring +93% {2}1 order, 30 rows, 250 ms$/);
  });

  it('names the truth where the label is wrong or can be neither', () => {
    assert.match(lineOf({ classId: 1, truth: '0' }), /✗ {2}ring .* truth: circle$/);
    assert.match(lineOf({ truth: 'none' }), /∅ {2}circle .* none of the classes$/);
    assert.match(lineOf({}), /· {2}circle .*250 ms$/);
  });

  it('says why there is no label', () => {
    const failed = { case: 'failed' as const, value: { code: 'IMAGE_CORRUPT', message: 'cut\nshort', stage: 'x' } };
    assert.match(lineOf({ outcome: failed }), /! {2}IMAGE_CORRUPT {2}cut\\x0ashort$/);
    assert.match(lineOf({ outcome: { case: 'expired', value: {} } }), /! {2}expired$/);
  });

  it('keeps control characters and long names of producers off the terminal', () => {
    const line = lineOf({ stream: `\u001b[31m${'x'.repeat(100)}` });
    assert.ok(!line.includes('\u001b'));
    assert.ok(line.length < 120);
  });
});

describe('recordLine', () => {
  it('is the line of the label', () => {
    const record = labelRecord({ stream: 'gate', classId: 1 });
    assert.equal(recordLine(record, CLASSES), labelLine(viewOf({ stream: 'gate', classId: 1 })));
  });

  it('says on one line that a record cannot be read, and goes on', () => {
    const record = labelRecord({}, { partition: 2, offset: 7, value: Uint8Array.of(255, 255) });
    assert.match(recordLine(record, CLASSES), /^partition 2, offset 7: RECORD_INVALID: [^\n]+$/);
  });
});
