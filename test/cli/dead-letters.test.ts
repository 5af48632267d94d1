import assert from 'node:assert/strict';
import { countOf } from '../../src/app/verify/outcomes.ts';
import { openLog } from '../../src/app/open-log.ts';
import { topicNames } from '../../src/app/spec.ts';
import {
  type LetterFilter,
  type ResolutionAction,
  readDeadLetters,
  resolveLetter,
  type StoredLetter,
} from '../../src/cli/dead-letters.ts';
import { type ErrorCode, OrdoError } from '../../src/errors.ts';
import type { Log } from '../../src/ports/log.ts';
import type { BlobReference, Blobs } from '../../src/ports/blobs.ts';
import { encodeDeadLetter, encodeImageEvent } from '../../src/stages/codec.ts';
import { temporaryFolder } from '../support/folders.ts';
import { logRecord } from '../support/records.ts';
import { TINY_NAMES, tinySpec } from '../support/tiny.ts';

const topics = topicNames(TINY_NAMES);
const nothingToRenew: Blobs['renew'] = () => assert.fail('there is nothing to renew');

describe('dead letters', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;
  beforeEach(async () => {
    folder = await temporaryFolder();
    log = await openLog(tinySpec(folder.path));
    await bury('IMAGE_CORRUPT', 'tokenize', 0);
    await bury('IMAGE_EMPTY', 'tokenize', 1);
    await bury('SCORER_NOT_FINITE', 'score', 0);
  });
  afterEach(async () => {
    await log.close();
    await folder.remove();
  });

  async function bury(code: ErrorCode, stage: string, partition: number, topic: string = topics.images): Promise<void> {
    const record = logRecord({ topic, partition: 1, offset: 7, headers: { ce_id: code, trace: 'kept' } });
    const letter = encodeDeadLetter(record, stage, new OrdoError(code, 'why'));
    await log.publish([{ topic: topics.deadLetters, partition, ...letter }]);
  }

  /** A dead letter of an image whose bytes are behind a claim check. */
  async function buryBlob(): Promise<{ letter: StoredLetter; blob: BlobReference }> {
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

  const resolve = (letter: StoredLetter, action: ResolutionAction, renew = nothingToRenew) =>
    resolveLetter({ log, spec: tinySpec(folder.path), blobs: () => ({ renew }) }, letter, action);
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

  it('of another pipeline are not replayed', async () => {
    await bury('IMAGE_EMPTY', 'tokenize', 1, 'other.images');
    const [letter] = await list({ ids: ['1:1'] });
    assert.ok(letter);
    await assert.rejects(resolve(letter, 'replayed'), { code: 'RECORD_INVALID' });
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
    await assert.rejects(resolve(letter, 'replayed', failing('BLOB_UNAVAILABLE')), { code: 'BLOB_UNAVAILABLE' });
    assert.equal(await countOf(log, topics.images), 0);
    await resolve(letter, 'replayed', failing('BLOB_NOT_FOUND'));
    assert.equal(await countOf(log, topics.images), 1);
  });

  it('are dropped without a look at their blobs', async () => {
    const { letter } = await buryBlob();
    await resolve(letter, 'dropped');
    assert.deepEqual(await list({ codes: ['BLOB_UNAVAILABLE'] }), []);
  });
});
