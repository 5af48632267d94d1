import { workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphFile } from './graph-file.ts';
import { type TileShape, tileViews } from './scorer-buffer.ts';
import { type Device, openSession, SIGNATURES } from './session.ts';
import { type Answer, serve } from './session-worker.ts';

/** A tile to score: its buffer comes back with the results filled in. */
export interface TileRequest {
  buffer: ArrayBuffer;
  shape: TileShape;
}

const { graph: file, device }: { graph: GraphFile; device: Device } = workerData;
const session = await openSession(file, SIGNATURES.score, device);
serve([session], (request: TileRequest) => score(session, request), { endOnError: device.provider !== 'cpu' });

async function score(graph: InferenceSession, { buffer, shape }: TileRequest): Promise<Answer> {
  const { rows, positions, prefix } = shape;
  const views = tileViews(buffer, shape);
  await graph.run(
    {
      tokens: new Tensor('int32', views.tokens, [rows, positions]),
      order: new Tensor('int32', views.orders, [rows, prefix]),
      class: new Tensor('int32', views.classes, [rows]),
    },
    { log_likelihood: new Tensor('float32', views.logLikelihoods, [rows, prefix]) },
  );
  return { reply: buffer, transfer: [buffer] };
}
