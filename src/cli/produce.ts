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
{"path", "error": {"code", "message"}}. There is a summary too where the log fails: it counts what the log has for sure.

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
  const tally: Tally = { produced: 0, failed: 0, bytes: 0, seconds: 0 };
  const common = { spec, output, stop, check: checkDescription, loop: options.loop, tally };
  const send = (log: Log, progress: Progress) => {
    const sender = new Sender(openProducer(spec, log), options.rate, stop);
    return sendAll(inputs, { ...common, sender, progress });
  };
  const expected = { total: options.loop ? undefined : inputs.length, what: 'images' };
  try {
    await withProgress(expected, (progress) => withLog(spec, (log) => send(log, progress), 'create'));
  } finally {
    if (tally.seconds > 0) summarize(tally, output);
  }
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
  tally: Tally;
}

/** What became of the inputs, also where an error ends the sending. */
interface Tally {
  /** Images that are durable, and their bytes. */
  produced: number;
  bytes: number;
  failed: number;
  /** 0 where no sending was begun. */
  seconds: number;
}

/** The inputs with the number of a round on their ids. */
function* numbered(inputs: readonly ProduceInput[], round: number): Generator<ProduceInput> {
  for (const input of inputs) yield { ...input, id: `${input.id}#${round}` };
}

async function sendAll(inputs: readonly ProduceInput[], around: Around): Promise<void> {
  const { sender, tally } = around;
  const startedAt = performance.now();
  try {
    await sendRounds(inputs, around);
  } finally {
    Object.assign(tally, sender.sent, { seconds: (performance.now() - startedAt) / 1000 });
  }
}

async function sendRounds(inputs: readonly ProduceInput[], around: Around): Promise<void> {
  const { sender, loop, stop, tally } = around;
  let badRounds = 0;
  const rounds = loop ? Infinity : 1;
  for (let round = 0; round < rounds && !stop.aborted; round++) {
    const failedBefore = tally.failed;
    await sendRound(loop ? numbered(inputs, round) : inputs, around);
    badRounds = tally.failed - failedBefore === inputs.length ? badRounds + 1 : 0;
    if (loop && badRounds > 0) {
      await sender.flush();
      await backOff(badRounds, BETWEEN, stop);
    }
  }
  await sender.flush();
}

/** Produces the inputs once. */
async function sendRound(inputs: Iterable<ProduceInput>, around: Around): Promise<void> {
  const { sender, output, progress, stop, tally } = around;
  for await (const { input, bytes, error } of inOrder(inputs, READS, (one) => read(one, around))) {
    if (stop.aborted) break;
    if (bytes) await sender.add(input, bytes);
    else {
      await sender.skip();
      output.failure({ path: input.file }, error);
      tally.failed += 1;
    }
    progress.step();
  }
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
