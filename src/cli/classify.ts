import { Command } from 'commander';
import type { Classifier } from '../app/classifier.ts';
import type { PipelineSpec } from '../app/spec.ts';
import type { Decision } from '../domain/types.ts';
import { OrdoError } from '../errors.ts';
import { printable } from '../text.ts';
import { EXIT } from './exit.ts';
import { imagesIn, isFolder, readImage, readStdin } from './images.ts';
import { inOrder } from './in-order.ts';
import { jsonOption } from './options.ts';
import { openOutput, type Output } from './output.ts';
import { readPipeline, SHIPPED_PIPELINE, withClassifier } from './pipeline.ts';
import { decisionText, decisionView } from './views.ts';

interface Options {
  pipeline: string;
  json?: boolean;
}

/** Images read, tokenized and scored at a time: enough to fill the micro-batches. */
const IN_FLIGHT = 32;

export function classifyCommand(): Command {
  return new Command('classify')
    .description('Label images, without a log')
    .argument('<path...>', 'image files, folders (with the folders in them), or - for an image on stdin')
    .option('--pipeline <file>', 'the pipeline whose model and decision rule to use', SHIPPED_PIPELINE)
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(classify);
}

const HELP = `
A bad image, or a folder in a folder that cannot be read, does not keep the others from their labels: it is reported, and
the exit code is 1.
With --json each image gives {"path", "label": {"id", "name"}, "posterior", "top", "margin", "logLikelihood",
"logEvidence", "disagreement", "orders", "rows", "rounds"}, or {"path", "error": {"code", "message"}}.

Examples:
  $ ordo classify sign.png
  $ ordo classify --json photos/ | jq -r '.label.name' | sort | uniq -c
  $ curl -s https://example.com/sign.jpg | ordo classify -`;

interface Outcome {
  path: string;
  decision?: Decision;
  error?: unknown;
}

async function classify(paths: string[], options: Options): Promise<void> {
  const output = openOutput(options);
  const spec = await readPipeline(options.pipeline);
  const inputs = await expand(paths);
  await withClassifier(spec, async (classifier) => {
    for await (const outcome of inOrder(inputs, IN_FLIGHT, (input) => classifyOne(input, classifier, spec))) {
      report(outcome, classifier, output);
      if (outcome.error) process.exitCode = EXIT.someFailed;
    }
  });
}

/** Every image that the paths name; a path that is not there stays, with its error, unless all of them are like that. */
async function expand(paths: readonly string[]): Promise<Outcome[]> {
  const inputs: Outcome[] = [];
  for (const path of paths) {
    try {
      const found = path !== '-' && (await isFolder(path)) ? await imagesIn(path) : [{ path }];
      for (const one of found) inputs.push(one);
    } catch (error) {
      inputs.push({ path, error });
    }
  }
  const errors = inputs.flatMap(({ error }) => (error instanceof OrdoError ? [error.message] : []));
  if (errors.length === inputs.length) throw new OrdoError('INPUT_NOT_FOUND', errors.join('\n'));
  return inputs;
}

async function classifyOne(input: Outcome, classifier: Classifier, { images }: PipelineSpec): Promise<Outcome> {
  if (input.error) return input;
  const { path } = input;
  try {
    const bytes = path === '-' ? await readStdin(images) : await readImage(path, images);
    return { path, decision: (await classifier.classify(bytes)).decision };
  } catch (error) {
    return { path, error };
  }
}

function report({ path, decision, error }: Outcome, { model }: Classifier, output: Output): void {
  if (!decision) {
    output.failure({ path }, error);
    return;
  }
  const view = decisionView(decision, (id) => model.manifest.classes[id] ?? String(id));
  output.result({ path, ...view }, `${printable(path)}: ${decisionText(view)}`);
}
