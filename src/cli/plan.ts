import { Command, InvalidArgumentError, Option } from 'commander';
import type { Deployment } from '../app/planning/plan.ts';
import { parseDuration } from '../app/units.ts';
import { EXIT } from './exit.ts';
import { jsonOption, positive } from './options.ts';
import { openOutput } from './output.ts';
import { readPipeline, SHIPPED_PIPELINE } from './pipeline.ts';
import { table } from './views.ts';

interface Options {
  pipeline: string;
  machine: string;
  evidence: string;
  rate: number;
  latency: number;
  hop: number;
  beside: number;
  json?: boolean;
}

export function planCommand(): Command {
  return new Command('plan')
    .description('Say how many scoring processes a wanted rate and latency take')
    .requiredOption('--rate <n>', 'images a second', positive)
    .requiredOption('--latency <duration>', 'from arrival to label, for 99 of 100 images, such as 500ms', duration)
    .requiredOption('--machine <file>', 'what ordo bench wrote on a machine like those that will score')
    .requiredOption('--evidence <file>', 'what ordo record wrote: images like those that will come')
    .option('--pipeline <file>', 'the pipeline to plan for', SHIPPED_PIPELINE)
    .addOption(
      new Option('--hop <duration>', 'what each step through the log takes').argParser(duration).default(10, '10ms'),
    )
    .addOption(
      new Option('--beside <duration>', 'processor time of an image beside its scores, on the same cores')
        .argParser(duration)
        .default(0, '0ms'),
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(plan);
}

const HELP = `
The plan of the pipeline is replayed on the evidence, which says what images ask of the scorers, and how many are labelled
right. Then images arrive at random moments in a simulation of the scorers' queues, with more and more processes, until 99
of 100 are labelled in time. Partitions leave room to double the processes. The lag threshold is the number of records
behind, for each process, above which images come late: what an autoscaler should act on.

Scorers are taken to have their cores to themselves. Where all stages share them, --beside says what else an image costs;
for the shipped model about 10ms (bench/README.md).

With --json the result is one object: {"accuracy", "rounds", "rows", "workerMs", "capacity", "processes", "partitions",
"lagThreshold", "simulated"}. Where no number of processes is fast enough, it is {"processes":null} and the exit code is 1.

Examples:
  $ ordo bench --out machine.json
  $ ordo plan --rate 200 --latency 500ms --machine machine.json --evidence validate.evidence`;

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('It must be a duration such as 5ms or 2s.');
}

async function plan({ pipeline, machine, evidence, rate, latency, hop, beside, ...options }: Options): Promise<void> {
  const output = openOutput(options);
  const spec = await readPipeline(pipeline);
  const [{ loadPipelineModel }, { loadReadings }, { readMachine }, { planDeployment }] = await Promise.all([
    import('../app/model.ts'),
    import('../app/evidence/readings.ts'),
    import('../app/planning/machine.ts'),
    import('../app/planning/plan.ts'),
  ]);
  const model = await loadPipelineModel(spec);
  const images = await loadReadings([evidence], model, spec.decision);
  const speeds = await readMachine(machine, { model: model.digestHex, ...spec.scoring });
  const found = planDeployment(images, spec, speeds, { rate, latencyMs: latency, hopMs: hop, besideMs: beside });
  output.result(found ?? { processes: null }, found ? deploymentText(found) : NONE);
  if (!found) process.exitCode = EXIT.someFailed;
}

const NONE = 'No number of processes is fast enough: the rounds of an image take too long even where none waits.';

function deploymentText({ simulated, ...found }: Deployment): string {
  const { medianMs, p99Ms, utilization } = simulated;
  return table(
    ['processes', String(found.processes)],
    [
      ['partitions', String(found.partitions)],
      ['lag threshold', `${found.lagThreshold} records a process`],
      ['latency, median', `${medianMs.toFixed(0)} ms`],
      ['latency, 99 of 100', `${p99Ms.toFixed(0)} ms`],
      ['workers busy', `${(100 * utilization).toFixed(0)} %`],
      ['capacity of a process', `${found.capacity.toFixed(1)} images/s`],
      [
        'an image',
        `${found.rows.toFixed(1)} rows in ${found.rounds.toFixed(1)} rounds, ${found.workerMs.toFixed(1)} ms`,
      ],
      ['accuracy', `${(100 * found.accuracy).toFixed(2)} %`],
    ],
  );
}
