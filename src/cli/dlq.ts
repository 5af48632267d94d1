import { Command, InvalidArgumentError } from 'commander';
import { isErrorCode, OrdoError } from '../errors.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { FoundLetter, LetterFilter, Resolving } from './dead-letters.ts';
import { EXIT } from './exit.ts';
import { letterText, letterView, wholeText, wholeView } from './letter-view.ts';
import { jsonOption, moment, several, stagesOption, whole } from './options.ts';
import { openOutput, type Output } from './output.ts';
import { paced } from './paced.ts';
import { readPipeline, withLog } from './pipeline.ts';
import { outliveReader } from './reader.ts';
import { counted } from './views.ts';

interface Options {
  code?: string[];
  stage?: string[];
  since?: number;
  until?: number;
  limit?: number;
  all?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export function dlqCommand(): Command {
  return new Command('dlq')
    .description('Look at dead letters, replay or drop them')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(resolveCommand('replay'))
    .addCommand(resolveCommand('drop'))
    .addHelpText('after', HELP);
}

const HELP = `
A dead letter holds a record that a stage could not process, whole, and why. Its id is PARTITION:OFFSET.

Examples:
  $ ordo dlq list pipelines/traffic-signs.yaml --code IMAGE_CORRUPT --since 2h
  $ ordo dlq show pipelines/traffic-signs.yaml 0:17
  $ ordo dlq replay pipelines/traffic-signs.yaml --code BLOB_NOT_FOUND --dry-run
  $ ordo dlq drop pipelines/traffic-signs.yaml 0:17 3:2`;

function filtered(command: Command): Command {
  return command
    .option(
      '--code <code...>',
      'only those with these error codes',
      several(isErrorCode, 'a code such as IMAGE_CORRUPT, see docs/errors.md'),
    )
    .addOption(stagesOption('only those of these stages'))
    .option('--since <when>', 'only those from this time on, or from so long ago (2h)', moment)
    .option('--until <when>', 'only those up to this time, or up to so long ago', moment)
    .option('--limit <n>', 'only the oldest n', whole(1))
    .addOption(jsonOption());
}

function listCommand(): Command {
  return filtered(
    new Command('list').description('List dead letters, oldest first').argument('<pipeline>', 'pipeline file'),
  )
    .option('--all', 'also those that were replayed or dropped')
    .addHelpText('after', LIST_HELP)
    .action(list);
}

const LIST_HELP = `
With --json each is {"id", "at", "code", "message", "stage", "topic", "partition", "offset", "source", "eventId",
"resolved"}: topic, partition and offset are where the record was, source and eventId its CloudEvents identity, and
resolved is "replayed", "dropped" or null. One that cannot be read is reported, whatever its code and stage are to be: it
gives {"id", "error": {"code", "message"}}, and the exit code is 1.`;

function showCommand(): Command {
  return new Command('show')
    .description('Show dead letters whole, and what helps')
    .argument('<pipeline>', 'pipeline file')
    .argument('<id...>', 'PARTITION:OFFSET of each', collectIds)
    .addOption(jsonOption())
    .addHelpText('after', SHOW_HELP)
    .action(show);
}

const SHOW_HELP = `
An id that is not there, or a dead letter that cannot be read, is reported, and the exit code is 1.
With --json each is as in "ordo dlq list", with "headers", and with "key" and "value" in base64.

Example:
  $ ordo dlq show pipelines/traffic-signs.yaml 0:17 --json | jq -r .value | base64 -d > record.bin`;

function resolveCommand(name: 'replay' | 'drop'): Command {
  const description = {
    replay: 'Put the records back on their topics, and mark their dead letters as replayed',
    drop: 'Mark dead letters as dropped',
  }[name];
  const command = new Command(name)
    .description(description)
    .argument('<pipeline>', 'pipeline file')
    .argument('[id...]', 'PARTITION:OFFSET of each', collectIds);
  return filtered(command)
    .option('--all', 'all that were not replayed or dropped yet')
    .option('--dry-run', 'show what would be done')
    .addHelpText('after', RESOLVE_HELP)
    .action((file: string, ids: string[], options: Options) => resolve(name, file, ids, options));
}

const RESOLVE_HELP = `
Takes ids, filters, or --all; ids go before the options. An id that is not there or was replayed or dropped before, and
a dead letter that cannot be read or replayed, are reported, the others are done, and the exit code is 1. One that cannot
be read is dropped only by its id. If the log fails, the command ends there; those not replayed or dropped yet remain.
With --json each dead letter is as in "ordo dlq list" (of one that cannot be read, only "id"), with "action" and "dryRun",
or else {"id", "error": {"code", "message"}}.`;

function collectIds(text: string, ids: string[] = []): string[] {
  if (/^[0-9]+:[0-9]+$/.test(text)) return [...ids, text];
  throw new InvalidArgumentError('An id is PARTITION:OFFSET, such as 0:17.');
}

async function list(file: string, options: Options): Promise<void> {
  const output = openOutput(options);
  let count = 0;
  await withLetters(file, { ...filterOf(options), includeResolved: options.all ?? false }, async (letters) => {
    for await (const found of paced(letters, output)) {
      if ('error' in found) {
        reportFailure(found.id, found.error, output);
        continue;
      }
      const view = letterView(found);
      output.result(view, letterText(view));
      count += 1;
    }
  });
  if (!options.json) output.note(counted(count, 'dead letter'));
}

async function show(file: string, ids: string[], options: Options): Promise<void> {
  const output = openOutput(options);
  await withLetters(file, { ids, includeResolved: true }, async (letters) => {
    const missing = new Set(ids);
    for await (const found of paced(letters, output)) {
      if ('error' in found) reportFailure(found.id, found.error, output);
      else output.result(wholeView(found), wholeText(found));
      missing.delete(found.id);
    }
    reportMissing(missing, output);
  });
}

async function resolve(name: 'replay' | 'drop', file: string, ids: string[], options: Options): Promise<void> {
  requireSelection(name, ids, options);
  outliveReader();
  const output = openOutput(options);
  const filter = { ...filterOf(options), ...(ids.length > 0 && { ids }), includeResolved: ids.length > 0 };
  const { dryRun = false } = options;
  const action = name === 'replay' ? 'replayed' : 'dropped';
  await withLetters(file, filter, async (letters, attempt) => {
    const missing = new Set(ids);
    for await (const found of paced(letters, output)) {
      const error = await attempt(found, { action, named: missing.delete(found.id), dryRun });
      if (error) reportFailure(found.id, error, output);
      else reportDone(found, { action, dryRun }, output);
    }
    reportMissing(missing, output);
  });
}

function requireSelection(name: string, ids: readonly string[], options: Options): void {
  const { code, stage, since, until, all } = options;
  if (ids.length > 0 || all || code || stage || since !== undefined || until !== undefined) return;
  throw new OrdoError('USAGE', `name the dead letters to ${name}: ids, --code, --stage, --since, --until or --all`);
}

function filterOf({ code, stage, since, until, limit }: Options): Omit<LetterFilter, 'includeResolved'> {
  return {
    ...(code && { codes: code }),
    ...(stage && { stages: stage }),
    ...(since !== undefined && { sinceMs: since }),
    ...(until !== undefined && { untilMs: until }),
    ...(limit !== undefined && { limit }),
  };
}

/** Gives the error of a letter that cannot be resolved. */
type Attempt = (found: FoundLetter, how: Resolving) => Promise<OrdoError | undefined>;

async function withLetters(
  file: string,
  filter: LetterFilter,
  work: (letters: AsyncIterable<FoundLetter>, attempt: Attempt) => Promise<void>,
): Promise<void> {
  const spec = await readPipeline(file);
  const { readDeadLetters, resolveLetter } = await import('./dead-letters.ts');
  const { openPipelineBlobs } = await import('../app/blobs.ts');
  let opened: Blobs | undefined;
  const blobs = () => (opened ??= openPipelineBlobs(spec));
  await withLog(spec, (log) =>
    work(readDeadLetters(log, spec, filter), (found, how) => resolveLetter({ log, spec, blobs }, found, how)),
  );
}

function reportDone(found: FoundLetter, { action, dryRun }: Omit<Resolving, 'named'>, output: Output): void {
  const verb = `${dryRun ? 'would be ' : ''}${action}`;
  if ('error' in found) output.result({ id: found.id, action, dryRun }, `${verb}: ${found.id}, which cannot be read`);
  else {
    const view = letterView(found);
    output.result({ ...view, action, dryRun }, `${verb}: ${letterText(view)}`);
  }
}

function reportMissing(ids: Iterable<string>, output: Output): void {
  for (const id of ids) reportFailure(id, new OrdoError('INPUT_NOT_FOUND', 'there is no such dead letter'), output);
}

function reportFailure(id: string, error: unknown, output: Output): void {
  output.failure({ id }, error);
  process.exitCode = EXIT.someFailed;
}
