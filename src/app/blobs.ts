import { openBlobs } from '../adapters/blobs/open.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { PipelineSpec } from './spec.ts';

/** The blobs that a pipeline's claim checks point to. */
export function openPipelineBlobs({ images }: PipelineSpec): Blobs {
  return openBlobs({ ...images.claimCheck, maxBytes: images.maxBytes });
}
