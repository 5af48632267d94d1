import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { OrdoError } from '../../src/errors.ts';
import { ended, ordo, startOrdo } from '../support/cli.ts';

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

describe('ordo', () => {
  it('prints help with the commands, examples and exit codes', async () => {
    const { code, stdout, stderr } = await ordo(['--help']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const text of ['classify', 'produce', 'Examples:', 'Exit codes:', '66 '])
      assert.ok(stdout.includes(text), text);
  });

  it('prints help on a command of a command', async () => {
    const { code, stdout } = await ordo(['dlq', 'replay', '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: ordo dlq replay \[options\] <pipeline> \[id\.\.\.\]\n/);
  });

  for (const command of everyCommand(buildProgram())) {
    it(`says what "${nameOf(command)}" is for, with its options`, () => {
      assert.match(command.description(), /^[A-Z].*[^.]$/);
      for (const option of command.options) assert.notEqual(option.description, '', option.flags);
      for (const argument of command.registeredArguments) assert.notEqual(argument.description, '', argument.name());
    });
  }

  it('loads no package but the parser of its arguments to print help', async () => {
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) });`;
    const { code, stderr } = await ended(
      startOrdo(['--help'], { nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(hook)}`] }),
    );
    assert.equal(code, 0);
    const loaded = stderr.split('\n');
    assert.ok(loaded.some((url) => url.endsWith('/src/cli/classify.ts')));
    assert.deepEqual(
      loaded.filter((url) => /\/node_modules\/(?!commander\/)|\/src\/(adapters|stages|runtime)\//.test(url)),
      [],
    );
  });

  it('prints its version', async () => {
    const { version }: { version: string } = JSON.parse(
      await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
    );
    const { code, stdout } = await ordo(['--version']);
    assert.equal(code, 0);
    assert.equal(stdout.trim(), version);
  });

  it('prints help on stderr and ends with 2 when called with nothing', async () => {
    const { code, stdout, stderr } = await ordo([]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: ordo/);
  });

  it('ends with 2 and says what is wrong with the command line', async () => {
    const { code, stdout, stderr } = await ordo(['clasify']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^ordo: USAGE: unknown command 'clasify'\n\(Did you mean classify\?\)\nwhat helps: See --help of the command\.\n$/,
    );
  });

  const mistakes: [string, string[], RegExp][] = [
    ['an unknown option', ['lag', 'p.yaml', '--jason'], /unknown option '--jason'\n.*--json/],
    ['a missing argument', ['lag'], /missing required argument 'pipeline'/],
    ['an extra argument', ['lag', 'a.yaml', 'b.yaml'], /too many arguments/],
    ['a number that is none', ['labels', 'p.yaml', '--limit', 'x'], /--limit.*whole number of at least 1/],
    ['a choice that is none', ['up', 'p.yaml', '--stage', 'tokenise'], /--stage.*tokenize, score, aggregate/],
    ['a missing option', ['reset', 'p.yaml', '--stage', 'score'], /--to/],
    ['a place that is none', ['reset', 'p.yaml', '--stage', 'score', '--to', 'noon'], /--to.*earliest, latest/],
    ['a dead letter that is none', ['dlq', 'show', 'p.yaml', '7'], /PARTITION:OFFSET/],
    [
      'a code that is none',
      ['dlq', 'list', 'p.yaml', '--code', 'IMAGE_CORUPT'],
      /--code.*'IMAGE_CORUPT'.*a code such as/,
    ],
    [
      'an id after a code',
      ['dlq', 'drop', 'p.yaml', '--code', 'IMAGE_CORRUPT', '0:17'],
      /'0:17'.*arguments go before it/,
    ],
    ['an id after a stage', ['dlq', 'drop', 'p.yaml', '--stage', 'score', '0:17'], /'0:17'.*arguments go before it/],
    ['a pipeline after a stage', ['up', '--stage', 'score', 'p.yaml'], /'p\.yaml'.*arguments go before it/],
    ['replaying nothing in particular', ['dlq', 'replay', 'p.yaml'], /--all/],
    ['the end of a log that is not followed', ['labels', 'p.yaml', '--from', 'latest'], /--follow/],
  ];
  for (const [what, args, message] of mistakes) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(buildProgram().parseAsync(args, { from: 'user' }), (error) => {
        assert.ok(
          error instanceof CommanderError || (error instanceof OrdoError && error.code === 'USAGE'),
          String(error),
        );
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('says what is wrong as JSON where JSON was asked for', async () => {
    const { code, stdout, stderr } = await ordo(['lag', '--json']);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.deepEqual(JSON.parse(stderr), { error: { code: 'USAGE', message: "missing required argument 'pipeline'" } });
  });

  it('ends with 66 when the pipeline is not there', async () => {
    const { code, stderr } = await ordo(['lag', '/none/pipeline.yaml']);
    assert.equal(code, 66);
    assert.match(stderr, /^ordo: PIPELINE_NOT_FOUND: /);
  });
});
