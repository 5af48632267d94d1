import { Tensor } from 'onnxruntime-node';
import { rowLogLikelihood } from '../../domain/evidence.ts';
import { OrdoError } from '../../errors.ts';
import type { GraphFile } from './graph-file.ts';
import { openSession, SIGNATURES } from './session.ts';

/** The proposer graph: which classes are worth reading, one image at a time, so that no result depends on a batch. */
export interface Proposer {
  /** N tokens in raster order to the log-posterior of each class, in units of 2^-12 nat. */
  propose(tokens: Uint16Array): Promise<Int32Array>;
}

/**
 * Opens the proposer and tries it on an image of equal tokens.
 * Errors: those of `openSession`; MODEL_INVALID where the graph does not give a finite number for each of `classes`.
 */
export async function openProposer(
  { classes, ...graph }: GraphFile & { classes: number },
  positions: number,
): Promise<Proposer> {
  const session = await openSession(graph, SIGNATURES.proposer);

  async function propose(tokens: Uint16Array): Promise<Int32Array> {
    const output = await session.run({ tokens: new Tensor('int32', Int32Array.from(tokens), [1, positions]) });
    const { data } = output.log_posterior ?? {};
    if (!(data instanceof Float32Array) || data.length !== classes)
      throw new Error(`it does not give ${classes} numbers`);
    return Int32Array.from(data, (_, classId) => rowLogLikelihood(data, classId, 1));
  }

  await propose(new Uint16Array(positions)).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OrdoError('MODEL_INVALID', `${graph.path} does not propose classes: ${reason}`, { cause });
  });
  return { propose };
}
