import assert from 'node:assert/strict';
import { type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf';
import { asyncApiProblems } from '../../scripts/asyncapi/validate.ts';
import { traceContextHeaders } from '../../src/adapters/telemetry/trace-context.ts';
import { groupName, STAGES, topicNames } from '../../src/app/spec.ts';
import type { NewRecord } from '../../src/ports/log.ts';
import { encodeImageEvent, encodeResolution, SCHEMAS } from '../../src/stages/codec.ts';
import { createRouter, RECORDS, type TopicKey } from '../../src/stages/router.ts';
import { asyncApi, channelsOf, decoded, messageOn, text, violations } from '../support/asyncapi.ts';
import { everythingWritten, stagesOf } from '../support/flow.ts';
import { logRecord } from '../support/records.ts';
import { stageContext } from '../support/stages.ts';

const NAMES = { name: 'gate', modelName: 'signs-1.0' };
const topics = topicNames(NAMES);
const router = createRouter(topics, 3);
const context = stageContext({ router });
const trace = traceContextHeaders({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
const image = { source: 'urn:test:gate', id: 'ä/7', stream: 'gate 1', capturedAtMs: 1000, attributes: { truth: '2' } };
const blob = { uri: 'file:///a.png', sha256: new Uint8Array(32).fill(3), sizeBytes: 5 };
const images = [{ inline: new Uint8Array([1, 2, 3]) }, { blob }].map((content) =>
  router.to('images', encodeImageEvent(image, content, trace)),
);

const keys = Object.keys(RECORDS) as TopicKey[];
const keyOf = (topic: string) => keys.find((key) => topics[key] === topic)!;

describe('the AsyncAPI document', () => {
  let records: { stage: string; record: NewRecord }[];

  before(async () => {
    const written = await everythingWritten(images[0]!, context);
    const letter = written.find(({ record }) => record.topic === topics.deadLetters)!.record;
    const resolutions = (['replayed', 'dropped'] as const).map((action) =>
      router.to('resolved', encodeResolution(logRecord(letter), action, 5000)),
    );
    records = [
      ...images.map((record) => ({ stage: 'producer', record })),
      ...written,
      ...resolutions.map((record) => ({ stage: 'operator', record })),
    ];
  });

  it('has a message for every topic, and the tests a record for it', () => {
    assert.deepEqual(Object.keys(asyncApi.channels), Object.keys(topics));
    assert.deepEqual(new Set(records.map(({ record }) => keyOf(record.topic))), new Set(Object.keys(topics)));
  });

  it('names topics and consumer groups as the code does', () => {
    const filled = (template: string) => template.replace('{pipeline}', 'gate').replace('{model}', 'signs-1.0');
    for (const [key, { address }] of Object.entries(asyncApi.channels)) {
      assert.equal(filled(address), topics[key as TopicKey]);
    }
    for (const stage of STAGES) {
      const operations = Object.values(asyncApi.operations).filter(({ tags }) => tags[0]?.name === stage);
      const groups = operations.flatMap(({ bindings }) => (bindings ? [bindings.kafka.groupId] : []));
      assert.ok(groups.length > 0);
      for (const schema of groups) {
        assert.deepEqual(violations(schema, groupName(NAMES, stage)), []);
        assert.notDeepEqual(violations(schema, `gate.signs-1.0.${stage}.other`), []);
      }
    }
  });

  it('describes every header that records have, and accepts them', () => {
    for (const { record } of records) {
      const { headers } = messageOn(keyOf(record.topic));
      assert.deepEqual(violations({ ...headers, additionalProperties: false }, record.headers), [], record.topic);
    }
    assert.ok(records.some(({ record }) => record.topic === topics.labels && record.headers.traceparent));
  });

  it('accepts the keys that records have', () => {
    for (const { record } of records) {
      const { key } = messageOn(keyOf(record.topic)).bindings.kafka;
      assert.deepEqual(violations(key, new TextDecoder().decode(record.key)), [], record.topic);
    }
    assert.notDeepEqual(violations(messageOn('tasks').bindings.kafka.key, 'gate'), []);
  });

  it('holds Protobuf schemas under which records say what they say to the code', () => {
    for (const { record } of records) {
      const schema: DescMessage = SCHEMAS[RECORDS[keyOf(record.topic)]];
      assert.deepEqual(
        decoded(messageOn(keyOf(record.topic)), record.value),
        toJson(schema, fromBinary(schema, record.value)),
      );
    }
  });

  it('refuses headers of another kind of record, or without an identity', () => {
    const { headers } = images[0]!;
    for (const key of keys.filter((other) => other !== 'images')) {
      assert.notDeepEqual(violations(messageOn(key).headers, headers), [], key);
    }
    for (const name of ['ce_specversion', 'ce_type', 'ce_source', 'ce_id', 'content-type']) {
      const { [name]: _, ...rest } = headers;
      assert.notDeepEqual(violations(messageOn('images').headers, rest), [], name);
      assert.notDeepEqual(violations(messageOn('images').headers, { ...headers, [name]: '' }), [], name);
    }
  });

  it('lets each stage read and write what it does', () => {
    for (const [stage, { inputs }] of Object.entries(stagesOf(context))) {
      assert.deepEqual(
        channelsOf(stage, 'receive').map((key) => topics[key as TopicKey]),
        inputs,
      );
      const written = records.filter((one) => one.stage === stage).map(({ record }) => keyOf(record.topic));
      assert.deepEqual(new Set(channelsOf(stage, 'send')), new Set(written), stage);
    }
  });

  it('says where a record names its image', () => {
    for (const { record } of records.filter(({ stage }) => stage !== 'operator')) {
      const message = messageOn(keyOf(record.topic));
      const [, part, pointer = ''] =
        /^\$message\.(header|payload)#\/(.*)$/.exec(message.correlationId?.location ?? '') ?? [];
      if (record.topic === topics.deadLetters) assert.equal(part, undefined);
      else assert.equal(at(part === 'header' ? record.headers : decoded(message, record.value), pointer), image.id);
    }
  });

  it('has examples that it accepts', () => {
    for (const { headers, examples } of Object.values(asyncApi.components.messages)) {
      assert.ok(examples.length > 0);
      for (const example of examples) assert.deepEqual(violations(headers, example.headers), []);
    }
  });

  it('is refused where it breaks the specification or holds a Protobuf schema that is none', async () => {
    const problemsAfter = (from: string, to: string) => asyncApiProblems(text.replace(from, to));
    assert.deepEqual(await asyncApiProblems(text), []);
    assert.match((await problemsAfter('action: send', 'action: throw')).join(), /action/);
    assert.match((await problemsAfter('#/channels/images', '#/channels/pictures')).join(), /pictures/);
    assert.match((await problemsAfter('string stream = 1;', 'string stream;')).join(), /illegal token/);
  }).timeout(60_000);
});

/** The value that a JSON pointer without escapes leads to. */
function at(value: unknown, pointer: string): unknown {
  return pointer.split('/').reduce((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}
