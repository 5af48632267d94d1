import type { Log, NewRecord } from '../ports/log.ts';
import { encodeImageEvent, type ImageContent, type ImageDescription } from '../stages/codec.ts';
import { createRouter } from '../stages/router.ts';
import { checkTexts } from '../stages/state.ts';
import { openPipelineBlobs } from './blobs.ts';
import { type PipelineSpec, topicNames } from './spec.ts';

export interface ImageInput extends ImageDescription {
  bytes: Uint8Array;
}

/** Puts images into a pipeline's log: small ones inline, large ones as claim checks. */
export interface ImageProducer {
  /** Resolves when all are durable. Errors: those of the log, and BLOB_UNAVAILABLE. */
  send(images: readonly ImageInput[]): Promise<void>;
}

/** Checks, before an image is sent, that the pipeline will take what is said of it. Errors: RECORD_INVALID. */
export function checkDescription({ source, id, stream, attributes }: Omit<ImageDescription, 'capturedAtMs'>): void {
  checkTexts([source, id, stream], Object.entries(attributes));
}

/** Claim checks written side by side: a storage that is far away takes its time over each. */
const AT_A_TIME = 16;

export function openProducer(spec: PipelineSpec, log: Log): ImageProducer {
  const blobs = openPipelineBlobs(spec);
  const router = createRouter(topicNames(spec), spec.topics.partitions);
  const { aboveBytes } = spec.images.claimCheck;

  async function toRecord({ bytes, ...description }: ImageInput): Promise<NewRecord> {
    const content: ImageContent = bytes.length > aboveBytes ? { blob: await blobs.write(bytes) } : { inline: bytes };
    return router.to('images', encodeImageEvent(description, content));
  }

  return {
    async send(images) {
      const records: NewRecord[] = [];
      for (let at = 0; at < images.length; at += AT_A_TIME) {
        records.push(...(await Promise.all(images.slice(at, at + AT_A_TIME).map(toRecord))));
      }
      await log.publish(records);
    },
  };
}
