import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../adapters/onnx/model.ts';
import { loadPipelineModel } from '../app/model.ts';
import type { PipelineSpec } from '../app/spec.ts';
import { type Picture, variedImage } from '../app/verify/images.ts';
import { MOST_PICTURES, paintedPictures, readPictures } from '../app/verify/pictures.ts';
import { planFaults } from '../app/verify/plan.ts';
import { type Verdict, verify } from '../app/verify/verify.ts';
import { EXIT } from './exit.ts';
import { pathsIn, readImage } from './images.ts';
import { exitCodeAfter } from './interrupt.ts';
import { openOutput, type Output } from './output.ts';
import { readPipeline } from './pipeline.ts';
import type { VerifyCommandOptions } from './verify.ts';
import { counted, table } from './views.ts';

/** Runs the command. Once the signal is aborted it removes what it made, and sets the exit code that goes with its reason. */
export async function runVerify(file: string, options: VerifyCommandOptions, signal: AbortSignal): Promise<void> {
  const output = openOutput(options);
  const spec = await readPipeline(file);
  const model = await loadPipelineModel(spec);
  const pictures = await picturesOf(options, spec, model, output);
  const folder = await mkdtemp(join(tmpdir(), 'ordo-verify-'));
  try {
    const startedAt = performance.now();
    const verdict = await verify(spec, { ...toRuns(options, pictures, output), folder, signal });
    report(verdict, options, (performance.now() - startedAt) / 1000, output);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = exitCodeAfter(signal);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function picturesOf(
  { folder, seed }: VerifyCommandOptions,
  spec: PipelineSpec,
  model: Model,
  output: Output,
): Promise<Picture[]> {
  if (folder === undefined) return paintedPictures(model, seed);
  const files = (await pathsIn(folder, ({ message }) => output.note(message))).slice(0, MOST_PICTURES);
  return readPictures(files, (file) => readImage(file, spec.images), model, spec.images);
}

function toRuns(options: VerifyCommandOptions, pictures: readonly Picture[], output: Output) {
  const { images, faults, seed, kinds, keep = false } = options;
  const { prefix = `verify-${randomBytes(4).toString('hex')}.` } = options;
  const processes = { tokenize: 1, score: options.processes, aggregate: 1 };
  let done = 0;
  return {
    images,
    image: (index: number) => variedImage(pictures, seed, index),
    processes,
    faults: planFaults({ faults, kinds, seed, processes }),
    prefix,
    keep,
    onRun: (name: string) => output.note(`${name}: ${counted(images, 'image')}`),
    onFault: ({ harm }: { harm: { kind: string; stage?: string; topic?: string } }, outcomes: number) => {
      const what = [harm.kind, harm.stage ?? harm.topic ?? ''].join(' ').trim();
      output.note(`${++done} of ${counted(faults, 'fault')}: ${what}, at ${counted(outcomes, 'outcome')}`);
    },
  };
}

function report(verdict: Verdict, { seed }: VerifyCommandOptions, seconds: number, output: Output): void {
  const { images, faults, outcomes, lost, changed, doubled, unexpected, duplicated, endings, passed } = verdict;
  const rows: [string, number][] = [
    ['images', images],
    ...Object.entries(faults).map(([kind, count]): [string, number] => [`faults: ${kind}`, count]),
    ['records duplicated on purpose', duplicated],
    ['processes that ended by themselves', endings],
    ['outcomes', outcomes],
    ['lost', lost],
    ['changed', changed],
    ['doubled', doubled],
    ['unexpected', unexpected],
  ];
  const text = table([passed ? 'passed' : 'FAILED', ''], rows);
  output.result({ ...verdict, seed, seconds }, text);
  if (!passed) process.exitCode = EXIT.someFailed;
}
