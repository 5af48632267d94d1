import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { viewLabel } from '../../src/console/label-view.ts';
import { OrdoError } from '../../src/errors.ts';
import { LabelSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import { logRecord } from '../support/records.ts';
import { CLASSES, labelRecord, viewOf } from './labels.ts';

describe('viewLabel', () => {
  it('tells what was found, of which image, and where the label stands', () => {
    const view = viewOf({ classId: 1, stream: 'gate', id: 'x/7' }, { partition: 2, offset: 9, timestampMs: 1800 });
    assert.deepEqual(
      [view.key, view.stream, view.source, view.id, view.capturedAtMs, view.labelledAtMs, view.profile],
      ['2:9', 'gate', 'urn:test', 'x/7', 1000, 1800, '0123456789abcdef'],
    );
    assert.ok(view.outcome.kind === 'classified');
    assert.deepEqual([view.outcome.name, view.outcome.posterior, view.outcome.orders], ['ring', 0.75, 2]);
    assert.deepEqual(view.outcome.top, [{ classId: 1, name: 'ring', posterior: 0.75 }]);
  });

  it('holds the label against a truth given by id or by name', () => {
    assert.equal(viewOf({ classId: 1, truth: '1' }).right, true);
    assert.equal(viewOf({ classId: 1, truth: 'ring' }).right, true);
    const wrong = viewOf({ classId: 1, truth: 'square' });
    assert.equal(wrong.right, false);
    assert.deepEqual(wrong.truth, { classId: 2, name: 'square' });
  });

  it('judges neither an image that shows none of the classes nor one of unknown truth', () => {
    const none = viewOf({ truth: 'none' });
    assert.equal(none.truth?.classId, null);
    for (const view of [none, viewOf(), viewOf({ truth: 'triangle' }), viewOf({ truth: '3' }), viewOf({ truth: '' })]) {
      assert.equal('right' in view, false);
    }
    assert.equal('truth' in viewOf({ truth: '3' }), false);
  });

  it('tells why an image has no label', () => {
    const failed = viewOf({
      truth: '0',
      outcome: { case: 'failed', value: { code: 'IMAGE_CORRUPT', message: 'cut short', stage: 'tokenize' } },
    });
    assert.deepEqual(failed.outcome, {
      kind: 'failed',
      code: 'IMAGE_CORRUPT',
      message: 'cut short',
      stage: 'tokenize',
    });
    assert.equal('right' in failed, false);
    const expired = viewOf({ outcome: { case: 'expired', value: { maxAgeMs: 5000n } } });
    assert.deepEqual(expired.outcome, { kind: 'expired', maxAgeMs: 5000 });
  });

  it('cuts long names short, so that what producers send cannot fill the memory', () => {
    const long = 'x'.repeat(100_000);
    const value = { className: long, statistic: long, top: [{ className: long }] };
    const image = { source: long, id: long, stream: long };
    const label = create(LabelSchema, { image, profile: long, outcome: { case: 'classified', value } });
    const view = viewLabel({ ...labelRecord(), value: toBinary(LabelSchema, label) }, CLASSES);
    assert.ok(view.outcome.kind === 'classified');
    const { name, statistic, top } = view.outcome;
    const texts = [view.stream, view.source, view.id, view.profile, name, statistic, top[0]?.name];
    assert.deepEqual(
      texts.map((text) => text?.length),
      texts.map(() => 300),
    );
  });

  it('tells ten of the most probable classes at most', () => {
    const top = Array.from({ length: 43 }, (_, classId) => ({ classId, className: `c${classId}` }));
    const view = viewOf({ outcome: { case: 'classified', value: { top } } });
    assert.ok(view.outcome.kind === 'classified');
    assert.deepEqual(
      view.outcome.top.map(({ classId }) => classId),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  });

  it('refuses what is no label with RECORD_INVALID', () => {
    const invalid = (error: unknown) => error instanceof OrdoError && error.code === 'RECORD_INVALID';
    assert.throws(() => viewLabel(logRecord(), CLASSES), invalid);
    assert.throws(() => viewLabel(labelRecord({}, { value: Uint8Array.of(255, 255) }), CLASSES), invalid);
  });
});
