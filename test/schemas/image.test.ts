import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { topicNames } from '../../src/app/spec.ts';
import { identityOf } from '../../src/stages/cloud-events.ts';
import { claimCheckOf, decodeImageEvent, encodeImageEvent } from '../../src/stages/codec.ts';
import { messageOn, violations } from '../support/asyncapi.ts';
import { logRecord } from '../support/records.ts';

interface GoldenImage {
  source: string;
  id: string;
  stream: string;
  captured_at_ms: number;
  /** Hexadecimal, as are the keys and values of records. */
  image: string;
  /** Where the image is, if the record is to hold a claim check. */
  uri?: string;
  attributes: Record<string, string>;
}

interface GoldenRecord {
  topic: string;
  key: string;
  headers: Record<string, string>;
  value: string;
}

/** Made by image.golden.py, which runs docs/examples/produce_image.py; run by hand. */
const golden: { sha256: string; images: GoldenImage[]; records: GoldenRecord[] } = JSON.parse(
  readFileSync(new URL('image.golden.json', import.meta.url), 'utf8'),
);
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

describe('the Python example that sends images', () => {
  it('is the one that made the golden records', () => {
    const example = readFileSync(new URL('../../docs/examples/produce_image.py', import.meta.url));
    assert.equal(createHash('sha256').update(example).digest('hex'), golden.sha256, 'run image.golden.py');
  });

  for (const [index, { captured_at_ms: capturedAtMs, image, uri, ...described }] of golden.images.entries()) {
    const { topic, key, headers, value } = golden.records[index]!;
    const blob = uri === undefined ? undefined : { uri, ...claimOf(bytes(image)) };
    const ours = encodeImageEvent({ ...described, capturedAtMs }, blob ? { blob } : { inline: bytes(image) });

    it(`makes image ${described.id} into the record that ordo produce makes of it`, () => {
      const { ce_time: theirTime = '', ...theirs } = headers;
      const { ce_time: ourTime = '', ...rest } = ours.headers;
      assert.equal(topic, topicNames({ name: 'gate-1', modelName: '' }).images);
      assert.deepEqual(theirs, rest);
      assert.equal(Date.parse(theirTime), Date.parse(ourTime));
      assert.deepEqual([bytes(key), bytes(value)], [ours.key, ours.value]);
    });

    it(`makes image ${described.id} into a record that the pipeline and the AsyncAPI document accept`, () => {
      const record = logRecord({ topic, key: bytes(key), headers, value: bytes(value) });
      assert.deepEqual(identityOf(record), { source: described.source, id: described.id });
      const event = decodeImageEvent(record);
      assert.deepEqual(claimCheckOf(event), blob);
      if (!blob) assert.deepEqual(event.content, { case: 'inline', value: bytes(image) });
      assert.deepEqual(violations(messageOn('images').headers, headers), []);
    });
  }
});

function claimOf(image: Uint8Array) {
  return { sha256: new Uint8Array(createHash('sha256').update(image).digest()), sizeBytes: image.length };
}
