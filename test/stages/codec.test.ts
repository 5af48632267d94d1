import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { OrdoError } from '../../src/errors.ts';
import type { LogRecord } from '../../src/ports/log.ts';
import { LabelSchema, ScoreTaskSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import type { Message } from '../../src/stages/cloud-events.ts';
import {
  decodeDeadLetter,
  decodeImageEvent,
  decodeLabel,
  decodeTask,
  encodeDeadLetter,
  encodeImageEvent,
  encodeLabel,
  encodeTask,
} from '../../src/stages/codec.ts';
import { logRecord, newRecord } from '../support/records.ts';

const inLog = (message: Message): LogRecord => logRecord({ ...newRecord(''), ...message });
const image = {
  source: 'urn:test',
  id: '7',
  stream: 'gate',
  capturedAtMs: 1_700_000_000_000,
  attributes: { path: 'a.png' },
};

describe('records', () => {
  it('carry an image and what its producer says of it', () => {
    const record = inLog(encodeImageEvent(image, { inline: new Uint8Array([1, 2]) }, { traceparent: 'x' }));
    assert.deepEqual(record.headers, {
      ce_specversion: '1.0',
      ce_type: 'ordo.image.v1',
      ce_source: 'urn:test',
      ce_id: '7',
      ce_time: '2023-11-14T22:13:20.000Z',
      'content-type': 'application/protobuf',
      traceparent: 'x',
    });
    const event = decodeImageEvent(record);
    assert.equal(event.stream, 'gate');
    assert.deepEqual(event.content, { case: 'inline', value: new Uint8Array([1, 2]) });
    assert.equal(new TextDecoder().decode(record.key), 'gate');
  });

  it('carry a claim check whole', () => {
    const blob = { uri: 'file:///a', sha256: new Uint8Array(32).fill(3), sizeBytes: 5 };
    const { content } = decodeImageEvent(inLog(encodeImageEvent(image, { blob })));
    assert.ok(content.case === 'blob');
    assert.deepEqual([content.value.uri, content.value.sizeBytes], ['file:///a', 5n]);
  });

  it('that follow from an image have ids that follow from its own', () => {
    const ref = { source: 'urn:test', id: '7', stream: 'gate', capturedAtMs: 5n };
    const task = encodeTask(create(ScoreTaskSchema, { state: { image: ref }, round: { index: 2 } }));
    const label = encodeLabel(create(LabelSchema, { image: ref }));
    assert.deepEqual([task.headers.ce_id, label.headers.ce_id], ['7/task:2', '7/label']);
    assert.equal(new TextDecoder().decode(task.key), 'urn:test 7');
    assert.equal(new TextDecoder().decode(label.key), 'gate');
  });

  it('of a time that RFC 3339 cannot write carry the beginning of 1970 in its place', () => {
    const timeOf = (capturedAtMs: number) =>
      encodeImageEvent({ ...image, capturedAtMs }, { inline: new Uint8Array() }).headers.ce_time;
    for (const time of ['0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'])
      assert.equal(timeOf(Date.parse(time)), time);
    for (const timeMs of [Date.parse('0000-01-01T00:00:00Z') - 1, Date.parse('9999-12-31T23:59:59.999Z') + 1]) {
      assert.equal(timeOf(timeMs), '1970-01-01T00:00:00.000Z');
    }
  });

  it('are the same bytes each time they are made', () => {
    const make = () => encodeImageEvent(image, { inline: new Uint8Array([9]) });
    assert.deepEqual(make(), make());
  });

  it('that cannot be processed are kept whole in their dead letter', () => {
    const record = logRecord({ topic: 'images', partition: 3, offset: 12, headers: { ce_id: 'x' } });
    const letter = decodeDeadLetter(
      inLog(encodeDeadLetter(record, 'tokenize', new OrdoError('IMAGE_EMPTY', 'no bytes'))),
    );
    assert.deepEqual(
      [letter.code, letter.stage, letter.topic, letter.offset],
      ['IMAGE_EMPTY', 'tokenize', 'images', 12n],
    );
    assert.deepEqual([letter.key, letter.value], [record.key, record.value]);
    assert.deepEqual(
      letter.headers.map(({ name, value }) => [name, value]),
      [['ce_id', 'x']],
    );
  });

  it('have a dead letter that says the reason in short', () => {
    const error = new OrdoError('INTERNAL', 'x'.repeat(2 ** 20));
    const letter = decodeDeadLetter(inLog(encodeDeadLetter(logRecord(), 'tokenize', error)));
    assert.match(letter.message, /^x{1000}\.\.\. \(1048576 characters\)$/);
  });

  it('of another type are refused', () => {
    const label = inLog(encodeLabel(create(LabelSchema, {})));
    assert.throws(() => decodeTask(label), { code: 'RECORD_INVALID', message: /ordo\.task\.v1.*ordo\.label\.v1/ });
    assert.throws(() => decodeLabel(logRecord()), { code: 'RECORD_INVALID' });
  });

  it('of a type of any length are refused in few words', () => {
    for (const claimed of ['x', '\u001b', '😀'].map((text) => text.repeat(2 ** 20))) {
      assert.throws(
        () => decodeImageEvent(logRecord({ headers: { ce_type: claimed } })),
        ({ code, message }) => code === 'RECORD_INVALID' && message.length < 250 && !/\p{Cc}/u.test(message),
      );
    }
  });

  it('of random bytes are refused or read, and never break anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (value) => {
        try {
          decodeTask(logRecord({ value, headers: { ce_type: 'ordo.task.v1' } }));
        } catch (error) {
          assert.ok(error instanceof OrdoError && error.code === 'RECORD_INVALID');
        }
      }),
    );
  });
});
