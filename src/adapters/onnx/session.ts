import { env, InferenceSession } from 'onnxruntime-node';
import { OrdoError } from '../../errors.ts';
import type { Provider } from '../../ports/scorer.ts';
import { type GraphFile, readGraph } from './graph-file.ts';

/** The inference library and its version, as a numeric profile names it. */
export const RUNTIME = `onnxruntime-node ${env.versions.node ?? env.versions.common}`;

/** Errors reach the caller as such; ONNX Runtime need not print them too. */
const LOG_FATAL = 4;

/** What a graph takes and gives, by name. */
export interface GraphSignature {
  inputs: readonly string[];
  outputs: readonly string[];
}

/** The graphs of docs/model-format.md. */
export const SIGNATURES = {
  encoder: { inputs: ['image'], outputs: ['tokens'] },
  proposer: { inputs: ['tokens'], outputs: ['log_posterior'] },
  decoder: { inputs: ['tokens'], outputs: ['image'] },
  score: { inputs: ['tokens', 'order', 'class'], outputs: ['log_likelihood'] },
  paint: { inputs: ['tokens', 'order', 'class'], outputs: ['logits'] },
} as const satisfies Record<string, GraphSignature>;

/** What computes a session. */
export interface Device {
  provider: Provider;
  /** Which of several GPUs, for CUDA. */
  deviceId: number;
}

export const CPU: Device = { provider: 'cpu', deviceId: 0 };

/**
 * Opens a graph, on the CPU with one thread: more threads would make sums depend on how work was split among them. `run`
 * blocks the thread that calls it, so sessions belong into worker threads.
 * Errors: those of reading the graph; MODEL_INVALID where it is none, or none by itself, or not one of that signature;
 * PROVIDER_UNAVAILABLE.
 */
export async function openSession(
  graph: GraphFile,
  signature: GraphSignature,
  device: Device = CPU,
): Promise<InferenceSession> {
  const { path } = graph;
  const session = await create(await readGraph(graph), path, device);
  requireNames(path, 'inputs', session.inputNames, signature.inputs);
  requireNames(path, 'outputs', session.outputNames, signature.outputs);
  return session;
}

async function create(bytes: Uint8Array, path: string, { provider, deviceId }: Device): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: [provider === 'cuda' ? { name: provider, deviceId } : provider],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_FATAL,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (provider === 'cpu')
      throw new OrdoError('MODEL_INVALID', `${path} cannot be loaded as an ONNX graph`, { cause });
    throw new OrdoError('PROVIDER_UNAVAILABLE', `${path} cannot be opened with ${provider}: ${why}`, { cause });
  }
}

function requireNames(path: string, what: string, found: readonly string[], wanted: readonly string[]): void {
  if (wanted.length === found.length && wanted.every((name) => found.includes(name))) return;
  throw new OrdoError('MODEL_INVALID', `${path} has the ${what} ${found.join(', ')}; wanted: ${wanted.join(', ')}`);
}
