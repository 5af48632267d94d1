import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Model } from '../adapters/onnx/model.ts';
import type { Classifier } from '../app/classifier.ts';
import type { PipelineSpec } from '../app/spec.ts';
import { MAX_ORDERS } from '../domain/evidence.ts';
import type { Statistic } from '../domain/types.ts';
import {
  type Evaluation,
  type Labelled,
  type LabelledOptions,
  labelledImages,
  measure,
  type Outcome,
} from './evaluation.ts';
import { EXIT } from './exit.ts';
import { readImage } from './images.ts';
import { inOrder } from './in-order.ts';
import { jsonOption, whole } from './options.ts';
import { errorText, openOutput, type Output } from './output.ts';
import { readPipeline, SHIPPED_PIPELINE, withClassifier } from './pipeline.ts';
import { withProgress } from './progress.ts';
import { counted, table } from './views.ts';

interface Options extends LabelledOptions {
  pipeline: string;
  orders?: number;
  statistic?: Statistic;
  json?: boolean;
}

const STATISTICS: readonly Statistic[] = ['mean-log-likelihood', 'mean-posterior', 'log-mean-exp'];

/** Images read, tokenized and scored at a time. */
const IN_FLIGHT = 32;

export function evalCommand(): Command {
  return new Command('eval')
    .description('Measure accuracy and calibration on labelled images')
    .requiredOption('--images <folder>', 'folder of the images')
    .requiredOption('--labels <csv>', 'CSV file with the columns "path" (relative to the folder) and "class_id"')
    .option('--pipeline <file>', 'the pipeline whose model and decision rule to use', SHIPPED_PIPELINE)
    .option('--limit <n>', 'only a random sample of so many images', whole(1))
    .option('--seed <n>', 'seed of the sample', whole(0), 0)
    .option(
      '--orders <k>',
      'read so many whole orders over all classes, instead of the plan of the pipeline',
      whole(1, MAX_ORDERS),
    )
    .addOption(
      new Option('--statistic <name>', 'statistic over orders (default: that of the pipeline)').choices(STATISTICS),
    )
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(evaluate);
}

const HELP = `
Reports accuracy, negative log-likelihood of the true class (nll, nats), expected calibration error over 15 bins (ece),
means of the orders and rows that an image took, and the speed. Bad images are reported and left out; the exit code is
then 1. With --json the report is one object: {"images", "failed", "accuracy", "nll", "ece", "ordersMean", "rowsMean",
"imagesPerSecond", "model", "plan", "statistic"}; the measures are null where no image was left.

Examples:
  $ ordo eval --images test/ --labels test.csv --limit 1000
  $ ordo eval --images test/ --labels test.csv --orders 8 --statistic mean-posterior --json`;

async function evaluate(options: Options): Promise<void> {
  const output = openOutput(options);
  const [spec, model] = await prepare(options);
  const labelled = await labelledImages(options, model.manifest.classes.length);
  const evaluation = await withClassifier(spec, async (classifier) => {
    const startedAt = performance.now();
    const outcomes = await classifyAll(labelled, options.images, classifier, spec, output);
    return measure(outcomes, (performance.now() - startedAt) / 1000);
  });
  const report = { ...evaluation, model: model.digestHex };
  const { plan, statistic } = spec.decision;
  output.result({ ...report, plan, statistic }, reportText(report));
  if (report.failed > 0) process.exitCode = EXIT.someFailed;
}

/** The pipeline with the plan and the statistic that were asked for, and its model. */
async function prepare({ pipeline, orders, statistic }: Options): Promise<[PipelineSpec, Model]> {
  const spec = await readPipeline(pipeline);
  const [{ loadModel }, { fixedRule }] = await Promise.all([
    import('../adapters/onnx/model.ts'),
    import('../app/model.ts'),
  ]);
  const model = await loadModel(spec.model);
  const { positions } = model.manifest.tokens;
  const rule = orders === undefined ? spec.decision : fixedRule(spec.decision, orders, positions);
  return [{ ...spec, decision: { ...rule, ...(statistic && { statistic }) } }, model];
}

async function classifyAll(
  labelled: readonly Labelled[],
  folder: string,
  classifier: Classifier,
  spec: PipelineSpec,
  output: Output,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const work = (one: Labelled) => classifyOne(one, folder, classifier, spec);
  await withProgress({ total: labelled.length, what: 'images' }, async (progress) => {
    for await (const outcome of inOrder(labelled, IN_FLIGHT, work)) {
      outcomes.push(outcome);
      progress.step();
      if (!outcome.decision) output.note(errorText(outcome.path, outcome.error));
    }
  });
  return outcomes;
}

async function classifyOne(
  labelled: Labelled,
  folder: string,
  classifier: Classifier,
  { images }: PipelineSpec,
): Promise<Outcome> {
  try {
    const bytes = await readImage(join(folder, labelled.path), images);
    return { ...labelled, decision: (await classifier.classify(bytes)).decision };
  } catch (error) {
    return { ...labelled, error };
  }
}

function reportText(report: Evaluation & { model: string }): string {
  const share = (value: number | null) => (value === null ? '-' : `${(value * 100).toFixed(2)} %`);
  const number = (value: number | null, digits: number) => value?.toFixed(digits) ?? '-';
  return table(
    ['images', counted(report.images, 'image')],
    [
      ['failed', counted(report.failed, 'image')],
      ['accuracy', share(report.accuracy)],
      ['negative log-likelihood', `${number(report.nll, 4)} nats`],
      ['calibration error', share(report.ece)],
      ['orders, mean', number(report.ordersMean, 2)],
      ['rows, mean', number(report.rowsMean, 1)],
      ['speed', `${number(report.imagesPerSecond, 1)} images/s`],
      ['model', report.model],
    ],
  );
}
