import { create } from '@bufbuild/protobuf';
import { inputsOf } from '../domain/flow.ts';
import { type Blobs, UnansweredError } from '../ports/blobs.ts';
import type { Handler } from '../ports/handler.ts';
import type { LogRecord, NewRecord } from '../ports/log.ts';
import type { Tokenizer } from '../ports/tokenizer.ts';
import { type ImageEvent, type ImageRef, ImageRefSchema } from '../records/gen/ordo/v1/records_pb.js';
import { identityOf, timeOf } from './cloud-events.ts';
import { decodeImageEvent, encodeTask, type TraceHeaders } from './codec.ts';
import type { StageContext } from './context.ts';
import { ImageSource } from './image-source.ts';
import { countOutcomes, expiry, failure } from './outcome.ts';
import { firstTask } from './restart.ts';
import { checkImage, newState } from './state.ts';
import { traced } from './traced.ts';

export interface TokenizeOptions {
  tokenizer: Tokenizer;
  blobs: Blobs;
}

/** images -> tasks: fetches an image's bytes, makes tokens of them, and asks for the plan's first round. */
export function tokenizeStage(context: StageContext, { tokenizer, blobs }: TokenizeOptions): Handler {
  const { router, model } = context;
  const source = new ImageSource(blobs);

  async function handle(record: LogRecord, trace: TraceHeaders): Promise<NewRecord[]> {
    const event = decodeImageEvent(record);
    const image = describe(record, event);
    checkImage(image);
    const expired = expiry(context, image, trace);
    if (expired) return expired;
    const { digest, ...found } = await tokenizer.tokenize(await source.bytesOf(event));
    const state = newState({ ...image, digest }, model, { ...found, maxOrders: context.ceiling?.() ?? 0 });
    const task = firstTask(context, state);
    return [router.to('tasks', encodeTask(task, trace))];
  }

  return {
    name: 'tokenize',
    inputs: inputsOf('tokenize', router.topics),
    handle: traced(context, 'tokenize', handle),
    onCommitted: (outputs) => countOutcomes(context, outputs),
    giveUp(record, error, kept) {
      if (error instanceof UnansweredError) source.gaveUp(decodeImageEvent(record));
      return failure(context, 'tokenize', { record, kept }, error, (it) => describe(it, decodeImageEvent(it)));
    },
  };
}

/**
 * What is known of an image, and nothing else that stood in its record: it travels with every record that follows. An
 * image whose value does not say when it was taken was taken at the record's time.
 */
function describe(record: LogRecord, { stream, capturedAtMs: said, attributes }: ImageEvent): ImageRef {
  const capturedAtMs = said || BigInt(timeOf(record));
  const own = attributes.map(({ name, value }) => ({ name, value }));
  return create(ImageRefSchema, { ...identityOf(record), stream, capturedAtMs, attributes: own });
}
