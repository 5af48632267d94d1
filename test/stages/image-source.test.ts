import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { OrdoError } from '../../src/errors.ts';
import { type Blobs, UnansweredError } from '../../src/ports/blobs.ts';
import { type ImageEvent, ImageEventSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import { ImageSource } from '../../src/stages/image-source.ts';

const TIMEOUT_MS = 10_000;
const TEN_MINUTES_MS = 600_000;
const inline = create(ImageEventSchema, { content: { case: 'inline', value: new Uint8Array([1]) } });
const at = (uri: string): ImageEvent =>
  create(ImageEventSchema, { content: { case: 'blob', value: { uri, sha256: new Uint8Array(32), sizeBytes: 1n } } });

describe('ImageSource', () => {
  let nowMs: number;
  let asked: string[];
  let tookMs: number;
  let away: (uri: string) => Error | undefined;
  let source: ImageSource;

  const blobs: Pick<Blobs, 'read'> = {
    async read({ uri }) {
      asked.push(uri);
      const error = away(uri);
      if (!error) return new Uint8Array([2]);
      nowMs += tookMs;
      throw error;
    },
  };

  beforeEach(() => {
    [nowMs, asked, tookMs] = [1000, [], TIMEOUT_MS];
    away = (uri) => (uri.toLowerCase().includes('//away') ? new UnansweredError('away: timeout') : undefined);
    source = new ImageSource(blobs, () => nowMs);
  });

  /** Whether an image that cannot be read is to be tried again; undefined if it is read. */
  async function triedAgain(event: ImageEvent): Promise<boolean | undefined> {
    try {
      await source.bytesOf(event);
      return undefined;
    } catch (error) {
      assert.ok(error instanceof OrdoError && error.code === 'BLOB_UNAVAILABLE');
      return error.retriable;
    }
  }

  /** As a pipeline does with an image of a host that is away. */
  async function giveUp(event: ImageEvent): Promise<void> {
    assert.equal(await triedAgain(event), true);
    source.gaveUp(event);
  }

  it('tries an image once on a host on which one was given up, when others were read since', async () => {
    await giveUp(at('http://away/1'));
    await source.bytesOf(inline);
    assert.equal(await triedAgain(at('http://away/2')), false);
  });

  it('takes a failed attempt for those of the other images of the host, nine times as long as it took', async () => {
    await giveUp(at('http://away/1'));
    await source.bytesOf(at('http://there/1'));
    assert.equal(await triedAgain(at('http://away/2')), false);
    await assert.rejects(source.bytesOf(at('http://away/3')), /^OrdoError: away: timeout; .*not asked for$/);
    nowMs += 9 * TIMEOUT_MS;
    assert.equal(await triedAgain(at('http://away/4')), false);
    assert.deepEqual(asked, ['http://away/1', 'http://there/1', 'http://away/2', 'http://away/4']);
  });

  it('goes on trying where all images come from one host', async () => {
    for (let image = 0; image < 20; image++) await giveUp(at(`http://away/${image}`));
  });

  it('goes on trying where nothing outside can be reached', async () => {
    await source.bytesOf(inline);
    for (const host of ['away-1', 'away-2', 'away-1', 'away-2']) await giveUp(at(`http://${host}/`));
  });

  it('goes on trying with an attempt that was begun before others were read', async () => {
    await giveUp(at('http://away/1'));
    const begun = triedAgain(at('http://away/2'));
    const [, again] = await Promise.all([source.bytesOf(inline), begun]);
    assert.equal(again, true);
  });

  it('forgets it with the first image that is read on the host', async () => {
    await giveUp(at('http://away/1'));
    await source.bytesOf(inline);
    assert.equal(await triedAgain(at('http://away/2')), false);
    const wasAway = away;
    away = () => undefined;
    nowMs += 9 * TIMEOUT_MS;
    assert.equal(await triedAgain(at('http://away/3')), undefined);
    away = wasAway;
    await giveUp(at('http://away/4'));
    assert.equal(await triedAgain(at('http://away/5')), true);
  });

  it('asks for every image of a host on which one was read within ten minutes, though one path of it hangs', async () => {
    away = (uri) => (uri.includes('/b/') ? new UnansweredError('timeout') : undefined);
    await source.bytesOf(at('http://gateway/a/1'));
    nowMs += TEN_MINUTES_MS - 3 * TIMEOUT_MS;
    await giveUp(at('http://gateway/b/1'));
    await source.bytesOf(inline);
    assert.equal(await triedAgain(at('http://gateway/b/2')), false);
    assert.equal(await triedAgain(at('http://gateway/a/2')), undefined);
    assert.equal(asked.at(-1), 'http://gateway/a/2');
  });

  it('asks for the images of a host no more for a while where none was read for ten minutes', async () => {
    await source.bytesOf(at('http://gateway/1'));
    away = () => new UnansweredError('timeout');
    nowMs += TEN_MINUTES_MS;
    await giveUp(at('http://gateway/2'));
    await source.bytesOf(inline);
    for (const image of [3, 4]) assert.equal(await triedAgain(at(`http://gateway/${image}`)), false);
    assert.equal(asked.at(-1), 'http://gateway/3');
  });

  it('asks for every image of a host that redirects to one that does not answer', async () => {
    away = () => new UnansweredError('timeout', { elsewhere: true });
    await giveUp(at('http://redirects/1'));
    await source.bytesOf(inline);
    for (const image of [2, 3]) assert.equal(await triedAgain(at(`http://redirects/${image}`)), false);
    assert.equal(asked.at(-1), 'http://redirects/3');
  });

  it('goes on trying for ten minutes where attempts fail at once, as while a server restarts', async () => {
    tookMs = 5;
    await giveUp(at('http://away/1'));
    await source.bytesOf(inline);
    for (let image = 2; image < 40; image++) await giveUp(at(`http://away/${image}`));
    nowMs += TEN_MINUTES_MS;
    assert.equal(await triedAgain(at('http://away/40')), false);
  });

  it('tells hosts by name and port', async () => {
    await giveUp(at('http://away/1'));
    await source.bytesOf(inline);
    assert.equal(await triedAgain(at('http://away:81/1')), true);
    assert.equal(await triedAgain(at('HTTP://AWAY:80/2')), false);
  });

  it('goes on trying on hosts that answer with an error, and in storage that is no host', async () => {
    away = () => new OrdoError('BLOB_UNAVAILABLE', 'status 503');
    await giveUp(at('http://busy/1'));
    await source.bytesOf(inline);
    assert.equal(await triedAgain(at('http://busy/2')), true);
    away = () => new UnansweredError('timeout');
    for (const uri of ['s3://away/1', 'file:///away/1', 'no URL']) {
      await giveUp(at(uri));
      await source.bytesOf(inline);
      assert.equal(await triedAgain(at(uri)), true, uri);
    }
  });

  it('remembers the reading of a thousand hosts at most', async () => {
    for (let host = 0; host <= 1000; host++) await source.bytesOf(at(`http://there-${host}/`));
    away = () => new UnansweredError('timeout');
    for (const host of ['there-0', 'there-1000']) await giveUp(at(`http://${host}/1`));
    await source.bytesOf(inline);
    for (const host of ['there-0', 'there-1000']) {
      for (const image of [2, 3]) assert.equal(await triedAgain(at(`http://${host}/${image}`)), false);
    }
    const after = asked.slice(-3);
    assert.deepEqual(after, ['http://there-0/2', 'http://there-1000/2', 'http://there-1000/3']);
  });

  it('forgets the oldest of more than a thousand hosts, and keeps no endless names', async () => {
    for (let host = 0; host <= 1000; host++) await giveUp(at(`http://away-${host}/`));
    const endless = at(`http://away${'.x'.repeat(200)}/`);
    await giveUp(endless);
    await source.bytesOf(inline);
    assert.equal(await triedAgain(endless), true);
    assert.equal(await triedAgain(at('http://away-0/')), true);
    assert.equal(await triedAgain(at('http://away-1/')), false);
    assert.equal(await triedAgain(at('http://away-1000/')), false);
  });
});
