import assert from 'node:assert/strict';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { OrdoError } from '../../src/errors.ts';
import type { Blobs } from '../../src/ports/blobs.ts';
import type { Tokenizer } from '../../src/ports/tokenizer.ts';
import { ImageEventSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import {
  decodeDeadLetter,
  decodeLabel,
  decodeTask,
  encodeImageEvent,
  type ImageContent,
} from '../../src/stages/codec.ts';
import { tokenizeStage } from '../../src/stages/tokenize.ts';
import { logRecord } from '../support/records.ts';
import { received, stageContext } from '../support/stages.ts';

const digest = new Uint8Array(32).fill(7);
const tokenizer: Tokenizer = {
  async tokenize(bytes) {
    if (bytes.length === 0) throw new OrdoError('IMAGE_EMPTY', 'no bytes');
    return { tokens: Uint16Array.from([1, 2, 3, 4]), digest, format: 'png', width: 2, height: 2 };
  },
  close: async () => {},
};
const blobs: Blobs = {
  read: async ({ uri }) => new TextEncoder().encode(uri),
  write: async () => assert.fail('nothing is written'),
  renew: async () => assert.fail('nothing is renewed'),
};

const event = (content: ImageContent, attributes = {}) =>
  received(
    'images',
    encodeImageEvent({ source: 'urn:test', id: '1', stream: 's', capturedAtMs: 1000, attributes }, content),
  );

describe('tokenizeStage', () => {
  const stage = (context = stageContext()) => tokenizeStage(context, { tokenizer, blobs });

  it("asks for the plan's first round, with the image's tokens and digest", async () => {
    const [record, ...others] = await stage().handle(event({ inline: new Uint8Array([1]) }, { truth: '2' }));
    assert.equal(others.length, 0);
    assert.equal(record?.topic, 'tasks');
    const task = decodeTask(logRecord(record));
    assert.deepEqual([...(task.state?.tokens ?? [])], [1, 0, 2, 0, 3, 0, 4, 0]);
    assert.deepEqual(task.state?.image?.digest, digest);
    assert.deepEqual(
      task.state?.image?.attributes.map(({ name, value }) => [name, value]),
      [['truth', '2']],
    );
    assert.deepEqual([task.round?.prefix, task.round?.orders, task.round?.classes], [2, 1, [0, 1, 2]]);
  });

  it('stamps how many orders the load allows on the task, and asks for no more', async () => {
    const context = stageContext();
    const fixed = { ...context.rule, plan: { kind: 'fixed' as const, orders: 8, prefix: 4 } };
    const [record] = await stage({ ...context, rule: fixed, ceiling: () => 3 }).handle(
      event({ inline: new Uint8Array([1]) }),
    );
    const task = decodeTask(logRecord(record));
    assert.deepEqual([task.state?.maxOrders, task.round?.orders], [3, 3]);
  });

  it('hands the proposal on with the tokens, and asks for the classes that it leaves', async () => {
    const context = stageContext();
    assert.ok(context.rule.plan.kind === 'staged');
    const rule = { ...context.rule, plan: { ...context.rule.plan, propose: { keep: 2 } } };
    const proposing: Tokenizer = {
      tokenize: async (bytes) => ({ ...(await tokenizer.tokenize(bytes)), proposal: Int32Array.of(-1, -9, -2) }),
      close: async () => {},
    };
    const handler = tokenizeStage({ ...context, rule }, { tokenizer: proposing, blobs });
    const [record] = await handler.handle(event({ inline: new Uint8Array([1]) }));
    const task = decodeTask(logRecord(record));
    assert.deepEqual(
      [task.state?.proposal, task.round?.classes],
      [
        [-1, -9, -2],
        [0, 2],
      ],
    );
  });

  it('hands on of the attributes what it knows, and not too many of them', async () => {
    const image = { inline: new Uint8Array([1]) };
    const record = event(image, { truth: '2' });
    const odd = fromBinary(ImageEventSchema, record.value);
    for (const attribute of odd.attributes) {
      attribute.$unknown = [{ no: 900, wireType: 2, data: new BinaryWriter().bytes(new Uint8Array(100_000)).finish() }];
    }
    const [task] = await stage().handle({ ...record, value: toBinary(ImageEventSchema, odd) });
    assert.ok(task && task.value.length < 1000);
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`a${at}`, '']));
    await assert.rejects(async () => stage().handle(event(image, many)), { code: 'RECORD_INVALID' });
  });

  it('fetches what a claim check points to', async () => {
    const blob = { uri: 'file:///x', sha256: new Uint8Array(32), sizeBytes: 9 };
    const [record] = await stage().handle(event({ blob }));
    assert.equal(record?.topic, 'tasks');
  });

  it('refuses a claim check without a whole digest', async () => {
    const blob = { uri: 'file:///x', sha256: new Uint8Array(31), sizeBytes: 9 };
    await assert.rejects(stage().handle(event({ blob })), { code: 'RECORD_INVALID' });
  });

  it('refuses an image without identity', async () => {
    const { headers, ...record } = event({ inline: new Uint8Array([1]) });
    const { ce_id, ...rest } = headers;
    assert.equal(ce_id, '1');
    await assert.rejects(stage().handle({ ...record, headers: rest }), { code: 'RECORD_INVALID' });
  });

  it('refuses a time that no date can hold, and still gives the image its outcome', async () => {
    const at = { source: 'urn:test', id: '1', stream: 's', capturedAtMs: 1_700_000_000_000_000_000, attributes: {} };
    const record = received('images', encodeImageEvent(at, { inline: new Uint8Array([1]) }));
    const error = await stage()
      .handle(record)
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof OrdoError && error.code === 'RECORD_INVALID');
    const { image } = decodeLabel(logRecord(stage().giveUp(record, error)[1]));
    assert.deepEqual([image?.source, image?.id], ['urn:test', '1']);
  });

  it('refuses names that would swell every record of the image, and does not repeat them', async () => {
    const long = { source: 'urn:test', id: 'x'.repeat(3_000_000), stream: 's', capturedAtMs: 1, attributes: {} };
    const record = received('images', encodeImageEvent(long, { inline: new Uint8Array([1]) }));
    await assert.rejects(stage().handle(record), { code: 'RECORD_INVALID', message: /3000009 characters/ });
    const label = stage().giveUp(record, new OrdoError('RECORD_INVALID', 'too long'))[1];
    assert.ok(label && label.value.length < 1000);
  });

  it('refuses a type of any length, and does not repeat it in the letter and the label', async () => {
    const { headers, ...rest } = event({ inline: new Uint8Array([1]) });
    const record = { ...rest, headers: { ...headers, ce_type: 'x'.repeat(2 ** 20) } };
    const error = await stage()
      .handle(record)
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof OrdoError && error.code === 'RECORD_INVALID');
    const [letter, label] = stage().giveUp(record, error);
    const { outcome } = decodeLabel(logRecord(label));
    assert.ok(outcome.case === 'failed');
    for (const { message } of [decodeDeadLetter(logRecord(letter)), outcome.value]) {
      assert.match(message, /^expected a record of type ordo\.image\.v1, got "x+"\.\.\. \(1048576 characters\)$/);
      assert.ok(message.length < 1000);
    }
    assert.ok(label && label.value.length < 1000);
  });

  it('lets an image expire that is too old', async () => {
    const context = stageContext({ maxAgeMs: 999 });
    const [record] = await stage(context).handle(event({ inline: new Uint8Array([1]) }));
    const { outcome } = decodeLabel(logRecord(record));
    assert.ok(outcome.case === 'expired' && outcome.value.maxAgeMs === 999n);
    const [young] = await stage(stageContext({ maxAgeMs: 1000 })).handle(event({ inline: new Uint8Array([1]) }));
    assert.equal(young?.topic, 'tasks');
  });

  describe('with an image that does not say when it was taken', () => {
    const image = { source: 'urn:test', id: '1', stream: 's', capturedAtMs: 0, attributes: {} };
    const { headers, ...rest } = received('images', encodeImageEvent(image, { inline: new Uint8Array([1]) }));
    const record = (ceTime: string) => ({ ...rest, timestampMs: 1200, headers: { ...headers, ce_time: ceTime } });
    const timed = record('1970-01-01T00:00:01.500Z');
    const untimed = record('');

    it('takes it for taken at its ce_time, or else when the log took the record', async () => {
      for (const [from, timeMs] of [
        [timed, 1500],
        [untimed, 1200],
      ] as const) {
        const [task] = await stage().handle(from);
        assert.equal(decodeTask(logRecord(task)).state?.image?.capturedAtMs, BigInt(timeMs));
        assert.equal(task?.headers['ce_time'], new Date(timeMs).toISOString());
        assert.deepEqual(await stage().handle(from), [task]);
        const [, label] = stage().giveUp(from, new OrdoError('IMAGE_EMPTY', 'no bytes'));
        assert.equal(decodeLabel(logRecord(label)).image?.capturedAtMs, BigInt(timeMs));
      }
    });

    it('goes by that time where it lets images expire', async () => {
      const topics = [timed, untimed].map(async (from) => {
        const [output] = await stage(stageContext({ maxAgeMs: 600 })).handle(from);
        return output?.topic;
      });
      assert.deepEqual(await Promise.all(topics), ['tasks', 'labels']);
    });
  });

  it('gives up an image with its dead letter and the outcome failed', () => {
    const outputs = stage().giveUp(event({ inline: new Uint8Array() }), new OrdoError('IMAGE_EMPTY', 'no bytes'));
    assert.deepEqual(
      outputs.map(({ topic }) => topic),
      ['dead-letters', 'labels'],
    );
    assert.equal(decodeDeadLetter(logRecord(outputs[0])).code, 'IMAGE_EMPTY');
    const { image, outcome } = decodeLabel(logRecord(outputs[1]));
    assert.deepEqual([image?.id, outcome.case], ['1', 'failed']);
  });

  it('gives an image its own outcome though the dead letter holds less of its record', () => {
    const record = event({ inline: new Uint8Array([1]) });
    const kept = { ...record, value: new Uint8Array() };
    const [letter, label] = stage().giveUp(record, new OrdoError('RECORD_TOO_LARGE', 'large'), kept);
    assert.equal(decodeDeadLetter(logRecord(letter)).value.length, 0);
    const whole = stage().giveUp(record, new OrdoError('RECORD_TOO_LARGE', 'large'))[1];
    assert.deepEqual([label?.key, label?.value], [whole?.key, whole?.value]);
  });

  it('leaves an id of a producer as it is, whatever it looks like', () => {
    const { headers, ...rest } = event({ inline: new Uint8Array() });
    const record = { ...rest, headers: { ...headers, ce_id: '1/task:0' }, value: new Uint8Array([255]) };
    const outputs = stage().giveUp(record, new OrdoError('RECORD_INVALID', 'what is this'));
    assert.equal(decodeLabel(logRecord(outputs[1])).image?.id, '1/task:0');
  });

  it('names a record that nobody can read by its place in the log', () => {
    const record = logRecord({ topic: 'images', partition: 0, offset: 42, timestampMs: 5 });
    const outputs = stage().giveUp(record, new OrdoError('RECORD_INVALID', 'what is this'));
    const { image } = decodeLabel(logRecord(outputs[1]));
    assert.deepEqual([image?.source, image?.id, image?.capturedAtMs], ['urn:ordo:images', '0:42', 5n]);
  });
});
