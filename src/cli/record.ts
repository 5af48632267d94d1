import { join } from 'node:path';
import { Command } from 'commander';
import type { EvidenceFile, RecordedImage } from '../app/evidence/evidence-file.ts';
import type { Recorder } from '../app/evidence/recorder.ts';
import type { PipelineSpec } from '../app/spec.ts';
import { MAX_ORDERS } from '../domain/evidence.ts';
import { type Labelled, type LabelledOptions, labelledImages } from './evaluation.ts';
import { EXIT } from './exit.ts';
import { readImage } from './images.ts';
import { inOrder } from './in-order.ts';
import { jsonOption, whole } from './options.ts';
import { errorText, openOutput, type Output } from './output.ts';
import { readPipeline, SHIPPED_PIPELINE } from './pipeline.ts';
import { withProgress } from './progress.ts';
import { outliveReader } from './reader.ts';
import { counted } from './views.ts';

interface Options extends LabelledOptions {
  out: string;
  pipeline: string;
  orders: number;
  json?: boolean;
}

/** Images tokenized and scored at a time: enough to fill the workers. */
const IN_FLIGHT = 4;

export function recordCommand(): Command {
  return new Command('record')
    .description('Score labelled images in full, for ordo calibrate to try plans on')
    .requiredOption('--images <folder>', 'folder of the images')
    .requiredOption(
      '--labels <csv>',
      'CSV file with the columns "path", "class_id" and, if frames belong together, "track"',
    )
    .requiredOption('--out <file>', 'the file of evidence; images that it holds already are not scored again')
    .option('--pipeline <file>', 'the pipeline whose model and scoring to use', SHIPPED_PIPELINE)
    .option('--orders <k>', 'how many orders of each image to read', whole(1, MAX_ORDERS), 16)
    .option('--limit <n>', 'only a random sample of so many images', whole(1))
    .option('--seed <n>', 'seed of the sample', whole(0), 0)
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(record);
}

const HELP = `
Every image is read in its first orders, all tokens, under all classes, and each token's log-likelihood is kept: 4 bytes
for each order, class and token. An interrupted recording goes on where it stopped. Bad images are reported and left out;
the exit code is then 1. With --json the result is one object: {"file", "recorded", "before", "failed", "model"}.

Examples:
  $ ordo record --images train/ --labels calibrate.csv --out calibrate.evidence --orders 16 --limit 1000
  $ ordo calibrate --evidence calibrate.evidence --validate validate.evidence`;

async function record(options: Options): Promise<void> {
  outliveReader();
  const output = openOutput(options);
  const spec = await readPipeline(options.pipeline);
  const [{ openRecorder }, { EvidenceFile: File }] = await Promise.all([
    import('../app/evidence/recorder.ts'),
    import('../app/evidence/evidence-file.ts'),
  ]);
  const recorder = await openRecorder(spec, options.orders);
  try {
    const { header } = recorder;
    const chosen = await labelledImages(options, header.classes);
    const file = File.extend(options.out, header);
    try {
      const counts = await recordAll(chosen, { file, recorder, spec, folder: options.images, output });
      const result = { file: options.out, ...counts, model: header.model };
      output.result(result, `${options.out}: ${counted(counts.recorded + counts.before, 'image')}`);
      if (counts.failed > 0) process.exitCode = EXIT.someFailed;
    } finally {
      file.close();
    }
  } finally {
    await recorder.close();
  }
}

interface Recording {
  file: EvidenceFile;
  recorder: Recorder;
  spec: PipelineSpec;
  folder: string;
  output: Output;
}

async function recordAll(chosen: readonly Labelled[], recording: Recording) {
  const { file, output } = recording;
  const missing = chosen.filter(({ path }) => !file.has(path));
  const counts = { recorded: 0, before: chosen.length - missing.length, failed: 0 };
  await withProgress({ total: missing.length, what: 'images' }, async (progress) => {
    for await (const { image, error } of inOrder(missing, IN_FLIGHT, (one) => recordOne(one, recording))) {
      if ('perToken' in image) file.add(image);
      else output.note(errorText(image.path, error));
      counts['perToken' in image ? 'recorded' : 'failed'] += 1;
      progress.step();
    }
  });
  return counts;
}

interface Recorded {
  image: Labelled | RecordedImage;
  error?: unknown;
}

async function recordOne(labelled: Labelled, { recorder, spec, folder }: Recording): Promise<Recorded> {
  try {
    const bytes = await readImage(join(folder, labelled.path), spec.images);
    return { image: { ...labelled, ...(await recorder.record(bytes)) } };
  } catch (error) {
    return { image: labelled, error };
  }
}
