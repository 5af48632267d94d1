import { Command } from 'commander';
import type { PipelineSpec } from '../app/spec.ts';
import { backOff } from '../concurrency/backoff.ts';
import type { Log } from '../ports/log.ts';
import { EXIT } from './exit.ts';
import { readImage } from './images.ts';
import { inOrder } from './in-order.ts';
import { exitCodeAfter, interruption } from './interrupt.ts';
import { jsonOption, positive, uriReference } from './options.ts';
import { openOutput, type Output } from './output.ts';
import { readPipeline, withLog } from './pipeline.ts';
import { type InputOptions, type ProduceInput, produceInputs } from './produce-inputs.ts';
import { type Progress, withProgress } from './progress.ts';
import { outliveReader } from './reader.ts';
import { Sender } from './sender.ts';
import { counted } from './views.ts';

interface Options extends InputOptions {
  rate?: number;
  loop?: boolean;
  json?: boolean;
}

/** Files read at a time. */
const READS = 16;
/** Between rounds in which no file could be read. */
const BETWEEN = { firstMs: 1000, mostMs: 30_000 };

export function produceCommand(): Command {
  return new Command('produce')
    .description('Put images into the log of a pipeline')
    .argument('<pipeline>', 'pipeline file')
    .argument('<path...>', 'image files, folders (with the folders in them), or CSV files with a column "path"')
    .option('--stream <name>', 'the stream (camera, track) the images belong to', 'default')
    .option('--source <uri>', 'CloudEvents source of the images (default: urn:ordo:produce:<stream>)', uriReference)
    .option('--rate <n>', 'images per second (default: as many as the log takes)', positive)
    .option('--loop', 'start over at the end, until SIGINT or SIGTERM')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(produce);
}

const HELP = `
An image's identity is its source and its id: producing it again gives a second outcome under the same. The id is the
path relative to the folder or to the CSV's folder, or the path as given for a file; with --loop, #0, #1, ... follow.
Paths in a CSV are relative to its folder; a column "stream" or "track" sets the stream; all columns travel with the
image and come out with its label. Images above the pipeline's claim-check size are put beside the log.
A bad file, or a folder in a folder that cannot be read, is reported, left out, and takes its turn at the rate; while all
are bad, --loop pauses between its rounds, for half a minute at most.
With --json a summary comes last: {"produced", "failed", "bytes", "seconds", "imagesPerSecond"}; each bad file gives
{"path", "error": {"code", "message"}}.

Examples:
  $ ordo produce pipelines/traffic-signs.yaml photos/ --stream gate-3
  $ ordo produce pipelines/traffic-signs.yaml test.csv --rate 50 --loop`;

async function produce(file: string, paths: string[], options: Options): Promise<void> {
  const stop = interruption();
  outliveReader();
  const output = openOutput(options);
  const spec = await readPipeline(file);
  const inputs = await produceInputs(paths, options);
  const { checkDescription, openProducer } = await import('../app/producer.ts');
  const send = (log: Log, progress: Progress) => {
    const sender = new Sender(openProducer(spec, log), options.rate, stop);
    return sendAll(inputs, { sender, spec, output, progress, stop, check: checkDescription, loop: options.loop });
  };
  const expected = { total: options.loop ? undefined : inputs.length, what: 'images' };
  const tally = await withProgress(expected, (progress) => withLog(spec, (log) => send(log, progress), 'create'));
  summarize(tally, output);
  if (tally.failed > 0) process.exitCode = EXIT.someFailed;
  if (stop.aborted && !options.loop) process.exitCode = exitCodeAfter(stop);
}

interface Around {
  sender: Sender;
  /** Starts over at the end. */
  loop: boolean | undefined;
  spec: PipelineSpec;
  /** Refuses what the pipeline would. */
  check: (input: ProduceInput) => void;
  output: Output;
  progress: Progress;
  stop: AbortSignal;
}

interface Tally {
  produced: number;
  failed: number;
  bytes: number;
  seconds: number;
}

/** The inputs with the number of a round on their ids. */
function* numbered(inputs: readonly ProduceInput[], round: number): Generator<ProduceInput> {
  for (const input of inputs) yield { ...input, id: `${input.id}#${round}` };
}

async function sendAll(inputs: readonly ProduceInput[], around: Around): Promise<Tally> {
  const { sender, loop, stop } = around;
  const startedAt = performance.now();
  let failed = 0;
  let badRounds = 0;
  const rounds = loop ? Infinity : 1;
  for (let round = 0; round < rounds && !stop.aborted; round++) {
    const bad = await sendRound(loop ? numbered(inputs, round) : inputs, around);
    failed += bad;
    badRounds = bad === inputs.length ? badRounds + 1 : 0;
    if (loop && badRounds > 0) {
      await sender.flush();
      await backOff(badRounds, BETWEEN, stop);
    }
  }
  await sender.flush();
  return { ...sender.sent, failed, seconds: (performance.now() - startedAt) / 1000 };
}

/** Produces the inputs once, and gives how many failed. */
async function sendRound(inputs: Iterable<ProduceInput>, around: Around): Promise<number> {
  const { sender, output, progress, stop } = around;
  let failed = 0;
  for await (const { input, bytes, error } of inOrder(inputs, READS, (one) => read(one, around))) {
    if (stop.aborted) break;
    if (bytes) await sender.add(input, bytes);
    else {
      await sender.skip();
      output.failure({ path: input.file }, error);
      failed += 1;
    }
    progress.step();
  }
  return failed;
}

async function read(input: ProduceInput, { spec, check }: Pick<Around, 'spec' | 'check'>) {
  if (input.error) return { input, error: input.error };
  try {
    check(input);
    return { input, bytes: await readImage(input.file, spec.images) };
  } catch (error) {
    return { input, error };
  }
}

function summarize({ produced, failed, bytes, seconds }: Tally, output: Output): void {
  const imagesPerSecond = produced / seconds;
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  const speed = `${seconds.toFixed(1)} s, ${imagesPerSecond.toFixed(0)} images/s`;
  const bad = failed === 0 ? '' : `; ${counted(failed, 'file')} failed`;
  output.result(
    { produced, failed, bytes, seconds, imagesPerSecond },
    `Produced ${counted(produced, 'image')}, ${size}, in ${speed}${bad}`,
  );
}
