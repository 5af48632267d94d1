import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ended, ordo, startOrdo } from '../support/cli.ts';

const COMMANDS = [
  'up',
  'classify',
  'produce',
  'labels',
  'lag',
  'reset',
  'dlq',
  'dlq list',
  'dlq show',
  'dlq replay',
  'dlq drop',
  'eval',
  'model',
  'model show',
  'model verify',
];

describe('ordo', () => {
  it('prints help with the commands, examples and exit codes', async () => {
    const { code, stdout, stderr } = await ordo(['--help']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const text of ['classify', 'produce', 'Examples:', 'Exit codes:', '66 '])
      assert.ok(stdout.includes(text), text);
  });

  for (const command of COMMANDS) {
    it(`prints help on ${command}`, async () => {
      const { code, stdout } = await ordo([...command.split(' '), '--help']);
      assert.equal(code, 0);
      assert.ok(stdout.startsWith(`Usage: ordo ${command} `), stdout);
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

  const mistakes: [string, string[], RegExp][] = [
    ['an unknown command', ['clasify'], /unknown command 'clasify'.*\n?.*classify/],
    ['an unknown option', ['lag', 'p.yaml', '--jason'], /unknown option '--jason'.*\n?.*--json/],
    ['a missing argument', ['lag'], /missing required argument 'pipeline'/],
    ['an extra argument', ['lag', 'a.yaml', 'b.yaml'], /too many arguments/],
    ['a number that is none', ['labels', 'p.yaml', '--limit', 'x'], /--limit.*whole number of at least 1/],
    ['a choice that is none', ['up', 'p.yaml', '--stage', 'tokenise'], /--stage.*tokenize, score, aggregate/],
    ['a missing option', ['reset', 'p.yaml', '--stage', 'score'], /--to/],
    ['a place that is none', ['reset', 'p.yaml', '--stage', 'score', '--to', 'noon'], /--to.*earliest, latest/],
    ['a dead letter that is none', ['dlq', 'show', 'p.yaml', '7'], /PARTITION:OFFSET/],
    ['replaying nothing in particular', ['dlq', 'replay', 'p.yaml'], /--all/],
    ['following from the start of nothing', ['labels', 'p.yaml', '--from', 'latest'], /--follow/],
  ];
  for (const [what, args, message] of mistakes) {
    it(`ends with 2 and says what is wrong at ${what}`, async () => {
      const { code, stdout, stderr } = await ordo(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^ordo: USAGE: /);
      assert.match(stderr, message);
    });
  }

  it('says what is wrong as JSON where JSON was asked for', async () => {
    const { code, stdout, stderr } = await ordo(['lag', '--json']);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.deepEqual(JSON.parse(stderr), { error: { code: 'USAGE', message: "missing required argument 'pipeline'" } });
  });

  it('ends with 66 when the pipeline is not there', async () => {
    for (const args of [['up'], ['labels'], ['lag'], ['dlq', 'list']]) {
      const { code, stderr } = await ordo([...args, '/none/pipeline.yaml']);
      assert.equal(code, 66);
      assert.match(stderr, /^ordo: PIPELINE_NOT_FOUND: /);
    }
  });
});
