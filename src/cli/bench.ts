import { Command, InvalidArgumentError } from 'commander';
import type { MachineProfile } from '../app/planning/machine.ts';
import { withProvider } from '../app/provider.ts';
import type { Provider } from '../ports/scorer.ts';
import { jsonOption, positive, providerOption } from './options.ts';
import { openOutput } from './output.ts';
import { requireWritable, writeWhole } from './output-file.ts';
import { readPipeline, SHIPPED_PIPELINE } from './pipeline.ts';
import { outliveReader } from './reader.ts';
import { table } from './views.ts';

interface Options {
  pipeline: string;
  tileRows: number[];
  seconds: number;
  provider?: Provider;
  out?: string;
  json?: boolean;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('Measure how fast this machine scores tiles of different shapes')
    .option('--pipeline <file>', 'the pipeline whose model and scoring to use', SHIPPED_PIPELINE)
    .option('--tile-rows <list>', 'rows of the tiles to try', rowCounts, [1, 4, 16, 32, 64])
    .option('--seconds <n>', 'how long to score tiles of each shape', positive, 2)
    .addOption(providerOption())
    .option('--out <file>', 'write the figures to this file, for ordo plan')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(bench);
}

const HELP = `
All workers of the pipeline's scoring are kept busy with tiles of random rows; the figures are rows a second of all of
them together. Nothing else should run meanwhile. With --json the result is one object: {"model", "provider", "precision",
"cpu", "workers", "shapes"}, each shape {"tileRows", "prefix", "rowsPerSecond", "tileMs"}.

Examples:
  $ ordo bench --out machine.json
  $ ordo bench --tile-rows 16 --seconds 10`;

function rowCounts(text: string): number[] {
  const counts = text.split(',').map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 4096)) return counts;
  throw new InvalidArgumentError('It must be a list of whole numbers from 1 to 4096, with commas between.');
}

async function bench({ pipeline, tileRows, seconds, provider, out, ...options }: Options): Promise<void> {
  outliveReader();
  const output = openOutput(options);
  if (out) await requireWritable(out);
  const spec = withProvider(await readPipeline(pipeline), provider);
  const { measureMachine } = await import('../app/planning/machine.ts');
  const machine = await measureMachine(spec, tileRows, seconds);
  if (out) await writeWhole(out, `${JSON.stringify(machine, null, 2)}\n`);
  output.result(machine, speedsText(machine));
}

/** One line a number of rows, one column a prefix length. */
function speedsText({ provider, cpu, workers, shapes }: MachineProfile): string {
  const prefixes = [...new Set(shapes.map(({ prefix }) => prefix))];
  const rows = [...new Set(shapes.map(({ tileRows }) => tileRows))].map((count) => [
    count,
    ...prefixes.map((prefix) => {
      const found = shapes.find((one) => one.tileRows === count && one.prefix === prefix);
      return Math.round(found?.rowsPerSecond ?? 0);
    }),
  ]);
  const head = ['rows a tile', ...prefixes.map((prefix) => `rows/s at prefix ${prefix}`)];
  return `${provider} on ${cpu}, ${workers} workers\n\n${table(head, rows)}`;
}
