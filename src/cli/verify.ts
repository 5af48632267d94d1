import { Command, InvalidArgumentError, Option } from 'commander';
import type { FaultKind } from '../app/verify/plan.ts';
import { interruption } from './interrupt.ts';
import { jsonOption, whole } from './options.ts';
import { outliveReader } from './reader.ts';

export interface VerifyCommandOptions {
  images: number;
  folder?: string;
  faults: number;
  seed: number;
  kinds: readonly FaultKind[];
  prefix?: string;
  processes: number;
  keep?: boolean;
  json?: boolean;
}

/**
 * What can be done to any pipeline: a broker that was not started here is not to be hurt, and Windows has no signal that
 * halts a process.
 */
function kindsOn(platform: NodeJS.Platform): readonly FaultKind[] {
  return platform === 'win32' ? ['kill', 'churn', 'duplicate'] : ['kill', 'pause', 'churn', 'duplicate'];
}

export function verifyCommand(platform: NodeJS.Platform = process.platform): Command {
  const known = kindsOn(platform);
  return new Command('verify')
    .description('Hurt a pipeline on purpose, on a log of its own, and count what became of its images')
    .argument('<pipeline>', 'pipeline file')
    .option('--images <n>', 'how many images', whole(1), 200)
    .option('--folder <path>', 'take the images of this folder, varied, in place of painted ones')
    .option('--faults <n>', 'how many faults', whole(0), 10)
    .option('--kinds <list>', `the kinds of faults, of ${known.join(',')}`, kindsOf(known), known)
    .option('--seed <n>', 'seed of the faults and the images', whole(0), 1)
    .option('--processes <n>', 'processes of the score stage to begin with; the other stages have one', whole(1), 2)
    .addOption(new Option('--prefix <text>', 'before all names on Kafka (default: verify-<random>.)').argParser(prefix))
    .option('--keep', 'leave the topics on Kafka')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(verify);
}

const HELP = `
The pipeline runs twice over the same images, first undisturbed and then with faults at seeded random moments, each stage
in processes of its own on this machine:
  kill       a process is killed (SIGKILL) and started again
  pause      a process is halted (SIGSTOP) for longer than its session lasts, and then goes on; not on Windows
  churn      a process is added, or one is told to end (SIGTERM)
  duplicate  records of images, tasks or evidence are published again
The outcomes are compared byte for byte. Lost: an image without one. Changed: an outcome that is not that of the
undisturbed run, or, where there are several, one of them. Doubled: there are several, which is allowed on Kafka, and
where records were duplicated on purpose. Unexpected: an outcome that the undisturbed run does not have. The exit code is
1 if there is any that is not allowed, or the pipeline stood still with work left.

Whatever the pipeline file says, both runs keep all records (topics.retention), let no image expire (images.maxAge) and
read as many orders however far behind they are (load): an outcome must not depend on when its image was read.

What the pipeline has in its log is not touched: on Kafka both runs have topics and groups of their own, which are
created even where the pipeline manages none, and deleted at the end; the embedded log is a temporary folder. Let the
processes of the pipeline itself run elsewhere, or stop them, if the machine is small.
With --json the result is one object: {"images", "faults", "outcomes", "lost", "changed", "doubled", "unexpected",
"duplicated", "endings", "passed", "seed", "seconds"}; "endings" counts processes that ended though nobody made them.

Examples:
  $ ordo verify pipelines/traffic-signs.yaml
  $ ordo verify pipelines/traffic-signs.kafka.yaml --images 1000 --faults 50 --kinds kill,pause --prefix check.`;

function kindsOf(known: readonly FaultKind[]): (text: string) => FaultKind[] {
  return (text) => {
    const found = text.split(',').map((name) => known.find((kind) => kind === name.trim()));
    if (found.every((kind) => kind !== undefined)) return [...new Set(found)];
    throw new InvalidArgumentError(`It must be a list of ${known.join(', ')}, with commas between.`);
  };
}

/** What may stand before the names of topics (Kafka's own rule), and is not empty: it keeps the runs to themselves. */
function prefix(text: string): string {
  if (/^[\w.-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 100 letters, digits, dots, underscores and hyphens.');
}

async function verify(file: string, options: VerifyCommandOptions): Promise<void> {
  outliveReader();
  const signal = interruption();
  const { runVerify } = await import('./verify-run.ts');
  await runVerify(file, options, signal);
}
