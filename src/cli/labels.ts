import { Command, Option } from 'commander';
import { topicNames } from '../app/spec.ts';
import { OrdoError } from '../errors.ts';
import { EXIT } from './exit.ts';
import { interruption } from './interrupt.ts';
import { jsonOption, whole } from './options.ts';
import { errorText, openOutput } from './output.ts';
import { paced } from './paced.ts';
import { readPipeline, withLog } from './pipeline.ts';
import { readTopic } from './topic-reader.ts';

interface Options {
  follow?: boolean;
  from?: 'earliest' | 'latest';
  limit?: number;
  json?: boolean;
}

export function labelsCommand(): Command {
  return new Command('labels')
    .description('Read labels out of the log of a pipeline')
    .argument('<pipeline>', 'pipeline file')
    .option('--follow', 'go on with new labels until SIGINT or SIGTERM')
    .addOption(
      new Option('--from <where>', 'where to start (default: earliest, or latest with --follow)').choices([
        'earliest',
        'latest',
      ]),
    )
    .option('--limit <n>', 'end after so many labels', whole(1))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(labels);
}

const HELP = `
Labels come in their order within a stream, and by time across streams. Redelivery may repeat a label, with the same
source and id. With --json each is {"id", "source", "stream", "outcome", "path", "attributes", "capturedAt", "model",
"profile", "partition", "offset"} and, by its outcome:
  classified  "label": {"id", "name"}, "posterior", "top", "margin", "logLikelihood", "logEvidence", "disagreement",
              "orders", "rows", "rounds", "pruned", "ruledOut" and, where the load lowered it, "maxOrders"
  failed      "error": {"code", "message", "stage"}
  expired     "maxAgeMs"
A record that cannot be read as one of these is reported on stderr, with --json too, and counts for --limit; the others
come all the same, and the exit code is 1.

Examples:
  $ ordo labels pipelines/traffic-signs.yaml --json > labels.jsonl
  $ ordo labels pipelines/traffic-signs.yaml --follow`;

async function labels(file: string, options: Options): Promise<void> {
  const { follow = false, from = follow ? 'latest' : 'earliest', limit = Infinity } = options;
  if (from === 'latest' && !follow) throw new OrdoError('USAGE', '--from latest makes sense with --follow only');
  const output = openOutput(options);
  const spec = await readPipeline(file);
  const { labelText, labelView } = await import('./label-view.ts');
  await withLog(spec, async (log) => {
    let left = limit;
    const topic = topicNames(spec).labels;
    const records = readTopic(log, topic, { from, ...(follow && { follow: interruption() }) });
    for await (const record of paced(records, output)) {
      try {
        const view = labelView(record);
        output.result(view, labelText(view));
      } catch (error) {
        output.note(errorText(`partition ${record.partition}, offset ${record.offset}`, error));
        process.exitCode = EXIT.someFailed;
      }
      left -= 1;
      if (left === 0) return;
    }
  });
}
