import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { Calibrated, Comparison, CurvePoint, Estimate } from '../app/evidence/calibrate.ts';
import type { PipelineSpec } from '../app/spec.ts';
import { OrdoError } from '../errors.ts';
import type { LabelledReadings } from '../domain/plan-search.ts';
import type { DecisionRule } from '../domain/types.ts';
import { jsonOption } from './options.ts';
import { openOutput, type Output } from './output.ts';
import { requireWritable, writeWhole } from './output-file.ts';
import { readPipeline, SHIPPED_PIPELINE } from './pipeline.ts';
import { outliveReader } from './reader.ts';
import { counted, table } from './views.ts';

interface Options {
  evidence: string[];
  validate?: string[];
  pipeline: string;
  loss: number;
  write?: boolean;
  curve?: string;
  json?: boolean;
}

export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description('Find the cheapest plan within a loss of accuracy, on evidence from ordo record')
    .requiredOption('--evidence <file...>', 'the evidence to choose on')
    .option('--validate <file...>', 'evidence of other images, to report on')
    .option('--pipeline <file>', 'the pipeline whose model and statistic to use', SHIPPED_PIPELINE)
    .option(
      '--loss <percent>',
      'most images that may be labelled wrong though the whole reading labels them right',
      percent,
      0.2,
    )
    .option('--write', 'write the plan and the temperature into the pipeline file')
    .option('--curve <file>', 'write accuracy against rows to this CSV file, for fixed and for staged plans')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(calibrateFromFiles);
}

const HELP = `
Plans are replayed on the recorded evidence: screens, prefix lengths, numbers of orders and pruning bounds, by a local
search. The whole reading is every recorded order, whole, under all classes. Then the temperature is chosen under which the
true classes are most likely. Accuracies come with 95 % intervals by the bootstrap over tracks; row equivalents are the
tokens read, in whole rows, which is what scoring costs.

With --json the result is one object: {"plan", "temperature", "chosen", "validated"}; "chosen" and "validated" (null without
--validate) hold {"images", "tracks", "full", "staged", "difference"}.

Examples:
  $ ordo calibrate --evidence calibrate.evidence --validate validate.evidence --write
  $ ordo calibrate --evidence calibrate.evidence --loss 0.5 --curve curve.csv`;

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 100) return value;
  throw new InvalidArgumentError('It must be a number from 0 to less than 100.');
}

/** Per cent of the images. */
const CURVE_LOSSES = [0, 0.1, 0.2, 0.5, 1, 2, 5];

async function calibrateFromFiles(options: Options): Promise<void> {
  outliveReader();
  const output = openOutput(options);
  const spec = await readPipeline(options.pipeline);
  if (options.curve) await requireWritable(options.curve);
  if (options.write) await requireWritable(spec.file);
  const [{ loadModel }, { loadReadings, requireSameOrders }, { calibrate, compare }] = await Promise.all([
    import('../adapters/onnx/model.ts'),
    import('../app/evidence/readings.ts'),
    import('../app/evidence/calibrate.ts'),
  ]);
  const model = await loadModel(spec.model);
  const images = await loadReadings(options.evidence, model, spec.decision);
  const others = options.validate && (await loadReadings(options.validate, model, spec.decision));
  requireSameOrders([...images, ...(others ?? [])]);
  const found = calibrate(images, spec.decision, options.loss / 100);
  if (!found) throw new OrdoError('EVIDENCE_INVALID', `no staged plan loses as little as ${options.loss} %`);
  const chosen = compare(images, spec.decision, found);
  const validated = others ? compare(others, spec.decision, found) : null;
  report(output, found, chosen, validated);
  if (options.curve)
    await writeCurve(options.curve, images, others ?? images, { ...spec.decision, temperature: found.temperature });
  if (options.write) await writePlan(spec, found, chosen, validated);
}

function report(output: Output, found: Calibrated, chosen: Comparison, validated: Comparison | null): void {
  const columns: [string, Comparison][] = [['chosen on', chosen]];
  if (validated) columns.push(['validated on', validated]);
  const line = (name: string, cell: (one: Comparison) => string) => [name, ...columns.map(([, one]) => cell(one))];
  const text = table(
    ['', ...columns.map(([name]) => name)],
    [
      line('images', ({ images, tracks }) => `${counted(images, 'image')} of ${counted(tracks, 'track')}`),
      line('accuracy, whole reading', ({ full }) => shown(full.accuracy)),
      line('accuracy, plan', ({ staged }) => shown(staged.accuracy)),
      line('difference', ({ difference }) => shown(difference)),
      line('rows, whole reading', ({ full }) => full.rows.toFixed(0)),
      line('rows, plan', ({ staged }) => staged.rows.toFixed(1)),
      line('row equivalents, plan', ({ staged }) => staged.rowEquivalents.toFixed(1)),
      line('negative log-likelihood', ({ staged }) => `${staged.nll.toFixed(4)} nats`),
      line('calibration error', ({ staged }) => staged.ece.toFixed(4)),
    ],
  );
  const plan = `plan: ${JSON.stringify(found.plan)}\ntemperature: ${found.temperature}`;
  output.result({ ...found, chosen, validated }, `${text}\n\n${plan}`);
}

function shown({ mean, interval: [low, high] }: Estimate): string {
  const percentage = (share: number) => (100 * share).toFixed(2);
  return `${percentage(mean)} % (${percentage(low)} to ${percentage(high)})`;
}

async function writeCurve(
  file: string,
  searched: readonly LabelledReadings[],
  images: readonly LabelledReadings[],
  rule: DecisionRule,
): Promise<void> {
  const { curve } = await import('../app/evidence/calibrate.ts');
  const losses = CURVE_LOSSES.map((loss) => loss / 100);
  const points = curve(searched, images, rule, losses);
  const columns: (keyof CurvePoint)[] = ['kind', 'orders', 'loss', 'accuracy', 'rows', 'rowEquivalents'];
  const lines = points.map((point) => columns.map((column) => point[column] ?? '').join(','));
  await writeWhole(file, `${[columns.join(','), ...lines].join('\n')}\n`);
}

async function writePlan(
  { file }: PipelineSpec,
  found: Calibrated,
  chosen: Comparison,
  validated: Comparison | null,
): Promise<void> {
  const { setDecision } = await import('../app/evidence/pipeline-edit.ts');
  const figures = (name: string, { images, tracks, full, staged }: Comparison) =>
    `${name} ${counted(images, 'image')} of ${counted(tracks, 'track')}: ${shown(staged.accuracy)} with ` +
    `${staged.rows.toFixed(1)} rows (${staged.rowEquivalents.toFixed(1)} whole ones), the whole reading ` +
    `${shown(full.accuracy)} with ${full.rows.toFixed(0)}.`;
  const comment = ['By ordo calibrate.', figures('Chosen on', chosen), validated && figures('Validated on', validated)];
  const text = setDecision(
    await readFile(file, 'utf8'),
    found,
    comment.filter((line) => line !== null),
  );
  await writeWhole(file, text);
}
