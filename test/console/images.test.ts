import assert from 'node:assert/strict';
import { openPipelineBlobs } from '../../src/app/blobs.ts';
import { openLog } from '../../src/app/open-log.ts';
import { openProducer } from '../../src/app/producer.ts';
import { topicNames } from '../../src/app/spec.ts';
import { ImageIndex, pictureType } from '../../src/console/images.ts';
import type { Log } from '../../src/ports/log.ts';
import { FOREIGN } from '../support/images.ts';
import { temporaryFolder } from '../support/folders.ts';
import { tinySpec } from '../support/tiny.ts';

describe('ImageIndex', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;
  let index: ImageIndex;
  let produce: (id: string, bytes: Uint8Array) => Promise<void>;

  beforeEach(async () => {
    folder = await temporaryFolder();
    const spec = tinySpec(folder.path);
    log = await openLog(spec);
    const topic = topicNames(spec).images;
    index = new ImageIndex({ log, topic, blobs: openPipelineBlobs(spec), size: 2 });
    const producer = openProducer(spec, log);
    produce = async (id, bytes) => {
      const image = { source: 'urn:test', id, stream: 's', capturedAtMs: 0, attributes: {}, bytes };
      await producer.send([image]);
      const [at] = (await log.topics())
        .filter(({ name }) => name === topic)
        .flatMap(({ offsets }) =>
          offsets
            .entries()
            .filter(([, { end }]) => end > 0)
            .toArray(),
        );
      assert.ok(at);
      const [partition, { end }] = at;
      for (const record of await log.read({ topic, partition, offset: end - 1, maxRecords: 1, waitMs: 0 }))
        index.add(record);
    };
  });
  afterEach(async () => {
    await log.close();
    await folder.remove();
  });

  it('finds the bytes of an image in the log', async () => {
    await produce('a', Buffer.from('first'));
    await produce('b', Buffer.from('second'));
    assert.deepEqual(await index.bytes({ source: 'urn:test', id: 'a' }), new Uint8Array(Buffer.from('first')));
    assert.equal(await index.bytes({ source: 'urn:other', id: 'a' }), undefined);
  });

  it('finds the bytes of an image behind a claim check', async () => {
    const large = Buffer.alloc(70_000, 7);
    await produce('a', large);
    assert.deepEqual(await index.bytes({ source: 'urn:test', id: 'a' }), new Uint8Array(large));
  });

  it('forgets the oldest', async () => {
    for (const id of ['a', 'b', 'c']) await produce(id, Buffer.from(id));
    assert.equal(await index.bytes({ source: 'urn:test', id: 'a' }), undefined);
    assert.ok(await index.bytes({ source: 'urn:test', id: 'b' }));
  });

  it('keeps no identity that is longer than what is shown of one, so that its memory is bounded', async () => {
    for (const length of [300, 301]) await produce('x'.repeat(length), Buffer.from('bytes'));
    assert.ok(await index.bytes({ source: 'urn:test', id: 'x'.repeat(300) }));
    assert.equal(await index.bytes({ source: 'urn:test', id: 'x'.repeat(301) }), undefined);
  });
});

describe('pictureType', () => {
  it('knows pictures by their first bytes', () => {
    const cases: [string, string][] = [
      ['image/jpeg', '\xff\xd8\xff\xe0\0\x10JFIF'],
      ['image/png', '\x89PNG\r\n\x1a\n\0\0'],
      ['image/gif', 'GIF89a'],
      ['image/webp', 'RIFF\0\0\0\0WEBPVP8 '],
      ['image/avif', '\0\0\0\x1cftypavif'],
    ];
    for (const [type, head] of cases) assert.equal(pictureType(Buffer.from(head, 'latin1')), type);
  });

  it('takes nothing else for a picture, least of all SVG and HTML', () => {
    for (const { name, bytes } of FOREIGN) assert.equal(pictureType(bytes), undefined, name);
    assert.equal(pictureType(Buffer.from('<html><script>')), undefined);
    assert.equal(pictureType(new Uint8Array(0)), undefined);
  });
});
