import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { countOf } from '../../src/app/verify/outcomes.ts';
import { topicNames } from '../../src/app/spec.ts';
import {
  type FoundLetter,
  type LetterFilter,
  type ResolutionAction,
  readDeadLetters,
  resolveLetter,
} from '../../src/cli/dead-letters.ts';
import { type ErrorCode, OrdoError } from '../../src/errors.ts';
import type { Log } from '../../src/ports/log.ts';
import type { BlobReference, Blobs } from '../../src/ports/blobs.ts';
import { Resolution_Action, ResolutionSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import { encodeDeadLetter, encodeImageEvent, encodeResolution } from '../../src/stages/codec.ts';
import { logRecord, newRecord } from '../support/records.ts';
import { TINY_NAMES } from '../support/tiny.ts';
import { openTinyLog, type TinyLog } from '../support/tiny-log.ts';

const topics = topicNames(TINY_NAMES);
const nothingToRenew: Blobs['renew'] = () => assert.fail('there is nothing to renew');

describe('dead letters', () => {
  let tiny: TinyLog;
  let log: Log;
  beforeEach(async () => {
    tiny = await openTinyLog();
    log = tiny.log;
    await bury('IMAGE_CORRUPT', 'tokenize', 0);
    await bury('IMAGE_EMPTY', 'tokenize', 1);
    await bury('SCORER_NOT_FINITE', 'score', 0);
  });
  afterEach(() => tiny.close());

  async function bury(code: ErrorCode, stage: string, partition: number, topic: string = topics.images): Promise<void> {
    const record = logRecord({ topic, partition: 1, offset: 7, headers: { ce_id: code, trace: 'kept' } });
    const letter = encodeDeadLetter(record, stage, new OrdoError(code, 'why'));
    await log.publish([{ topic: topics.deadLetters, partition, ...letter }]);
  }

  /** A dead letter of an image whose bytes are behind a claim check. */
  async function buryBlob(): Promise<{ letter: FoundLetter; blob: BlobReference }> {
    const blob = { uri: 'file:///blob', sha256: new Uint8Array(32).fill(1), sizeBytes: 9 };
    const image = { source: 'urn:test', id: 'large', stream: 's', capturedAtMs: 0, attributes: {} };
    const record = logRecord({ topic: topics.images, partition: 0, ...encodeImageEvent(image, { blob }) });
    const why = new OrdoError('BLOB_UNAVAILABLE', 'why');
    await log.publish([{ topic: topics.deadLetters, partition: 1, ...encodeDeadLetter(record, 'tokenize', why) }]);
    const [letter] = await list({ codes: ['BLOB_UNAVAILABLE'] });
    return { letter: letter ?? assert.fail('no letter'), blob };
  }

  async function list(filter: Partial<LetterFilter> = {}) {
    return await Array.fromAsync(readDeadLetters(log, TINY_NAMES, { includeResolved: false, ...filter }));
  }

  /** A record that is no dead letter, where one is to be; its id. */
  async function buryNothing(topic: string = topics.deadLetters): Promise<string> {
    const [found] = await log.topics([topic]);
    await log.publish([newRecord('nothing', { topic, partition: 1 })]);
    return `1:${found?.offsets[1]?.end}`;
  }

  interface How {
    renew?: Blobs['renew'];
    named?: boolean;
    dryRun?: boolean;
    publish?: Log['publish'];
  }

  async function attempt(letter: FoundLetter, action: ResolutionAction, how: How = {}): Promise<OrdoError | undefined> {
    const { renew = nothingToRenew, named = true, dryRun = false, publish } = how;
    const options = { log: publish ? { ...log, publish } : log, spec: tiny.spec, blobs: () => ({ renew }) };
    return await resolveLetter(options, letter, { action, named, dryRun });
  }

  async function resolve(letter: FoundLetter, action: ResolutionAction, renew = nothingToRenew): Promise<void> {
    assert.equal(await attempt(letter, action, { renew }), undefined);
  }

  async function refused(code: ErrorCode, letter: FoundLetter, action: ResolutionAction, how?: How): Promise<void> {
    assert.equal((await attempt(letter, action, how))?.code, code);
  }

  const ids = async (filter: Partial<LetterFilter>) => (await list(filter)).map(({ id }) => id).sort();

  it('are found by id, code, stage and time, all at once', async () => {
    assert.deepEqual(await ids({}), ['0:0', '0:1', '1:0']);
    assert.deepEqual(await ids({ ids: ['1:0', '5:5'] }), ['1:0']);
    assert.deepEqual(await ids({ codes: ['IMAGE_CORRUPT', 'SCORER_NOT_FINITE'] }), ['0:0', '0:1']);
    assert.deepEqual(await ids({ stages: ['score'] }), ['0:1']);
    assert.deepEqual(await ids({ stages: ['score'], codes: ['IMAGE_CORRUPT'] }), []);
    assert.deepEqual(await ids({ sinceMs: Date.now() + 60_000 }), []);
    assert.deepEqual(await ids({ untilMs: Date.now() - 60_000 }), []);
    assert.deepEqual(await ids({ sinceMs: 0, untilMs: Date.now() + 60_000 }), ['0:0', '0:1', '1:0']);
    assert.equal((await list({ limit: 2 })).length, 2);
  });

  it('go back to their topic and partition with key, headers and value when they are replayed', async () => {
    const [letter] = await list({ ids: ['0:0'] });
    assert.ok(letter);
    await resolve(letter, 'replayed');
    const [record] = await log.read({ topic: topics.images, partition: 1, offset: 0, maxRecords: 9, waitMs: 0 });
    const { key, headers, value } = logRecord({ headers: { ce_id: 'IMAGE_CORRUPT', trace: 'kept' } });
    assert.deepEqual({ ...record }, { ...record, key, headers, value });
    assert.deepEqual(await ids({}), ['0:1', '1:0']);
    assert.deepEqual((await list({ includeResolved: true })).find(({ id }) => id === '0:0')?.resolved, 'replayed');
  });

  it('publish nothing when they are dropped', async () => {
    const [letter] = await list({ ids: ['1:0'] });
    assert.ok(letter);
    await resolve(letter, 'dropped');
    assert.deepEqual(await ids({}), ['0:0', '0:1']);
    assert.deepEqual(await log.read({ topic: topics.images, partition: 1, offset: 0, maxRecords: 9, waitMs: 0 }), []);
  });

  it('without their record, which was too large, are dropped but not replayed', async () => {
    const record = logRecord({ topic: topics.images, partition: 1, offset: 7, value: new Uint8Array() });
    const letter = encodeDeadLetter(record, 'tokenize', new OrdoError('RECORD_TOO_LARGE', 'why'));
    await log.publish([{ topic: topics.deadLetters, partition: 0, ...letter }]);
    const [found] = await list({ codes: ['RECORD_TOO_LARGE'] });
    assert.ok(found);
    const options = { log, spec: tiny.spec, blobs: () => ({ renew: nothingToRenew }) };
    const how = { named: true, dryRun: false };
    const error = await resolveLetter(options, found, { ...how, action: 'replayed' });
    assert.deepEqual([error?.code, /it stands at .*images\/1:7/.test(error?.message ?? '')], ['RECORD_INVALID', true]);
    assert.equal(await resolveLetter(options, found, { ...how, action: 'dropped' }), undefined);
  });

  it('of another pipeline are not replayed', async () => {
    await bury('IMAGE_EMPTY', 'tokenize', 1, 'other.images');
    const [letter] = await list({ ids: ['1:1'] });
    assert.ok(letter);
    await refused('RECORD_INVALID', letter, 'replayed');
    await refused('RECORD_INVALID', letter, 'replayed', { dryRun: true });
    assert.deepEqual(await ids({ ids: ['1:1'] }), ['1:1']);
  });

  it('have the blob of their image renewed before they are replayed', async () => {
    const { letter, blob } = await buryBlob();
    const renewed: BlobReference[] = [];
    await resolve(letter, 'replayed', async (reference) => {
      assert.equal(await countOf(log, topics.images), 0);
      renewed.push(reference);
    });
    assert.deepEqual(renewed, [blob]);
    assert.equal(await countOf(log, topics.images), 1);
  });

  it('are replayed though the blob is gone, but not while it cannot be renewed', async () => {
    const { letter } = await buryBlob();
    const failing = (code: ErrorCode) => () => Promise.reject(new OrdoError(code, 'why'));
    for (const code of ['BLOB_UNAVAILABLE', 'BLOB_FORBIDDEN'] as const)
      await refused(code, letter, 'replayed', { renew: failing(code) });
    assert.equal(await countOf(log, topics.images), 0);
    await resolve(letter, 'replayed', failing('BLOB_NOT_FOUND'));
    assert.equal(await countOf(log, topics.images), 1);
  });

  it('are dropped without a look at their blobs', async () => {
    const { letter } = await buryBlob();
    await resolve(letter, 'dropped');
    assert.deepEqual(await list({ codes: ['BLOB_UNAVAILABLE'] }), []);
  });

  it('that cannot be read keep none of the others from being found, and are found whatever their code', async () => {
    const id = await buryNothing();
    const found = await list();
    assert.deepEqual(found.map((one) => one.id).sort(), ['0:0', '0:1', '1:0', id]);
    const unreadable = found.find((one) => one.id === id);
    assert.ok(unreadable && 'error' in unreadable && unreadable.error.code === 'RECORD_INVALID');
    assert.deepEqual(await ids({ codes: ['IMAGE_CORRUPT'], stages: ['tokenize'] }), ['0:0', id]);
    assert.deepEqual(await ids({ ids: ['0:0'] }), ['0:0']);
    assert.deepEqual(await ids({ untilMs: Date.now() - 60_000 }), []);
    assert.equal((await list({ limit: 3 })).filter((one) => 'letter' in one).length, 3);
  });

  it('that cannot be read are dropped by their ids, and by nothing else', async () => {
    const id = await buryNothing();
    const [letter] = await list({ ids: [id] });
    assert.ok(letter);
    await refused('RECORD_INVALID', letter, 'replayed');
    await refused('RECORD_INVALID', letter, 'dropped', { named: false });
    assert.deepEqual(await ids({}), ['0:0', '0:1', '1:0', id]);
    await resolve(letter, 'dropped');
    assert.deepEqual(await ids({}), ['0:0', '0:1', '1:0']);
  });

  it('are found though what was done with one cannot be read', async () => {
    const id = await buryNothing(topics.resolved);
    assert.deepEqual(await ids({ ids: ['0:0'] }), ['0:0', `${topics.resolved} ${id}`]);
  });

  it('are neither replayed nor dropped by an action that nobody here knows', async () => {
    for (const action of [Resolution_Action.UNSPECIFIED, 9 as Resolution_Action]) {
      const { value: _, ...message } = encodeResolution(logRecord(), 'dropped', 0);
      const value = toBinary(ResolutionSchema, create(ResolutionSchema, { partition: 0, offset: 0n, action }));
      await log.publish([{ topic: topics.resolved, partition: 1, ...message, value }]);
    }
    const unreadable = await list({ ids: ['0:0'] });
    assert.deepEqual(
      unreadable.map(({ id, resolved }) => [id, resolved]),
      [
        [`${topics.resolved} 1:0`, undefined],
        [`${topics.resolved} 1:1`, undefined],
        ['0:0', undefined],
      ],
    );
    assert.ok(unreadable.slice(0, 2).every((found) => 'error' in found && found.error.code === 'RECORD_INVALID'));
  });

  it('are not resolved twice', async () => {
    const [letter] = await list({ ids: ['0:0'] });
    assert.ok(letter);
    await resolve(letter, 'replayed');
    const [again] = await list({ ids: ['0:0'], includeResolved: true });
    assert.ok(again);
    await refused('INPUT_NOT_FOUND', again, 'dropped');
    assert.equal(await countOf(log, topics.images), 1);
  });

  it('are one by one too large or without a topic, but all end with the log', async () => {
    const [letter] = await list({ ids: ['0:0'] });
    assert.ok(letter);
    const failing = (code: ErrorCode) => ({ publish: () => Promise.reject(new OrdoError(code, 'why')) });
    for (const code of ['RECORD_TOO_LARGE', 'LOG_TOPIC_UNKNOWN'] as const)
      await refused(code, letter, 'replayed', failing(code));
    for (const code of ['LOG_UNAVAILABLE', 'LOG_FULL', 'LOG_CORRUPT', 'INTERNAL'] as const) {
      await assert.rejects(attempt(letter, 'replayed', failing(code)), { code });
      await assert.rejects(attempt(letter, 'dropped', failing(code)), { code });
    }
  });

  it('stay as they are in a dry run', async () => {
    for (const letter of await list()) {
      assert.equal(await attempt(letter, 'replayed', { dryRun: true }), undefined);
      assert.equal(await attempt(letter, 'dropped', { dryRun: true }), undefined);
    }
    assert.deepEqual(await ids({}), ['0:0', '0:1', '1:0']);
    assert.equal(await countOf(log, topics.images), 0);
  });
});
