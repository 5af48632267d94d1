import { createHash } from 'node:crypto';
import { loadModel } from '../../src/adapters/onnx/model.ts';
import { silentTelemetry } from '../../src/adapters/telemetry/silent.ts';
import { shapeOf } from '../../src/app/model.ts';
import { openPipelineBlobs } from '../../src/app/blobs.ts';
import { type PipelineSpec, topicNames } from '../../src/app/spec.ts';
import type { NewRecord } from '../../src/ports/log.ts';
import { encodeImageEvent } from '../../src/stages/codec.ts';
import { createRouter } from '../../src/stages/router.ts';
import { tokenizeStage } from '../../src/stages/tokenize.ts';

/**
 * Makes tasks as the tokenize stage does, of images whose tokens follow from their number, in turns over the partitions.
 * The numbers go on from call to call.
 */
export async function taskMaker(spec: PipelineSpec): Promise<(count: number) => Promise<NewRecord[]>> {
  const model = await loadModel(spec.model);
  const { positions, codes } = model.manifest.tokens;
  const router = createRouter(topicNames(spec), spec.topics.partitions);
  const context = { router, model: shapeOf(model), rule: spec.decision, telemetry: silentTelemetry(), now: Date.now };
  const tokenizer = {
    tokenize: async (bytes: Uint8Array) => {
      const digest = createHash('sha256').update(bytes).digest();
      const tokens = Uint16Array.from({ length: positions }, (_, at) => (digest.readUInt16LE(at % 31) + at) % codes);
      return { tokens, digest: new Uint8Array(digest), format: 'png', width: 1, height: 1 };
    },
    close: async () => {},
  };
  const stage = tokenizeStage(context, { tokenizer, blobs: openPipelineBlobs(spec) });
  let made = 0;

  async function make(): Promise<NewRecord[]> {
    const number = made++;
    const id = String(number);
    const image = { source: 'urn:bench', id, stream: 's', capturedAtMs: 1, attributes: {} };
    const event = router.to('images', encodeImageEvent(image, { inline: Buffer.from(id) }));
    const outputs = await stage.handle({ ...event, offset: 0, timestampMs: 1 });
    return outputs.map((record) => ({ ...record, partition: number % spec.topics.partitions }));
  }

  return async (count) => (await Promise.all(Array.from({ length: count }, make))).flat();
}
