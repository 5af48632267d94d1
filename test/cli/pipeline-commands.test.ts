import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ended, heard, jsonLines, ordo, startOrdo, tinyFolder } from '../support/cli.ts';
import { TINY_MODEL } from '../support/tiny.ts';

const EXAMPLES = join(TINY_MODEL, 'examples');

/** One pipeline through its life: each test goes on where the one before it left off. */
describe('the commands of a pipeline', () => {
  let folder: Awaited<ReturnType<typeof tinyFolder>>;
  before(async () => {
    folder = await tinyFolder();
    await mkdir(join(folder.path, 'photos'));
    for (const name of ['00000.png', '00001.png', '00002.png']) {
      await copyFile(join(EXAMPLES, name), join(folder.path, 'photos', name));
    }
    await writeFile(join(folder.path, 'photos', 'bad.png'), 'not an image');
    await writeFile(
      join(folder.path, 'photos', 'some.csv'),
      'path,class_id,track\n00000.png,0,t1\n00001.png,1,t2\n00002.png,2,t3\nnone.png,0,t1\n',
    );
  });
  after(() => folder.remove());

  const run = (command: string, ...args: string[]) =>
    ordo([...command.split(' '), folder.pipeline, ...args], { cwd: folder.path });

  async function json(command: string, ...args: string[]) {
    const { code, stdout, stderr } = await run(command, '--json', ...args);
    assert.equal(code, 0, stderr);
    return jsonLines(stdout);
  }

  /** Runs the pipeline until it has given so many more labels. */
  async function upFor(labels: number): Promise<void> {
    const up = startOrdo(['up', folder.pipeline]);
    const end = ended(up);
    await heard(up, 'stderr', 'the pipeline runs');
    const follow = startOrdo(['labels', folder.pipeline, '--follow', '--from', 'earliest', '--limit', String(labels)]);
    assert.equal((await ended(follow)).code, 0);
    up.kill('SIGTERM');
    assert.equal((await end).code, 0);
  }

  it('produce puts the images of a folder into the log', async () => {
    const { code, stdout } = await run('produce', 'photos', '--stream', 'gate');
    assert.equal(code, 0);
    assert.match(stdout, /^Produced 4 images, .* images\/s\n$/);
  });

  it('produce refuses what the pipeline would', async () => {
    const { code, stdout, stderr } = await run('produce', 'photos/00000.png', '--stream', 'x'.repeat(17_000));
    assert.equal(code, 1);
    assert.match(stdout, /^Produced 0 images, .*; 1 file failed\n$/);
    assert.match(stderr, /RECORD_INVALID: .* characters, at most 16384 are allowed/);
  });

  it('lag counts what was never read', async () => {
    const [lag] = await json('lag');
    assert.deepEqual([lag?.['pipeline'], lag?.['lag']], ['tiny', 4]);
    const { stdout } = await run('lag');
    assert.match(
      stdout,
      /^stage +topic +partition +end +committed +lag +last commit +member\ntokenize +tiny\.images +0 /,
    );
    assert.match(stdout, /Lag: tokenize 4 \(0 members\), score 0 .*; 4 records in all\n$/);
  });

  it('up labels the images and drains on SIGTERM', async () => {
    await upFor(4);
    const [lag] = await json('lag');
    assert.equal(lag?.['lag'], 0);
  });

  it('labels gives every outcome with what the producer knew', async () => {
    const labels = await json('labels');
    const byId = new Map(labels.map((label) => [label['id'], label]));
    assert.deepEqual(new Set(byId.keys()), new Set(['00000.png', '00001.png', '00002.png', 'bad.png']));
    const good = byId.get('00001.png') ?? {};
    assert.deepEqual(
      [good['outcome'], good['label'], good['stream'], good['source'], good['path'], good['attributes']],
      ['classified', { id: 1, name: 'ring' }, 'gate', 'urn:ordo:produce:gate', '00001.png', { path: '00001.png' }],
    );
    assert.match(String(good['capturedAt']), /^\d{4}-\d\d-\d\dT/);
    assert.match(String(good['model']), /^[0-9a-f]{64}$/);
    const bad = byId.get('bad.png') ?? {};
    assert.deepEqual([bad['outcome'], Reflect.get(bad['error'] ?? {}, 'code')], ['failed', 'IMAGE_UNSUPPORTED']);
  });

  it('labels are those of classify', async () => {
    const { stdout } = await ordo(['classify', '--json', '--pipeline', folder.pipeline, 'photos/00001.png'], {
      cwd: folder.path,
    });
    const { path: _, ...alone } = jsonLines(stdout)[0] ?? {};
    const label = (await json('labels')).find(({ id }) => id === '00001.png') ?? {};
    assert.deepEqual(Object.fromEntries(Object.keys(alone).map((key) => [key, label[key]])), alone);
  });

  it('labels ends after --limit, and quietly when its reader does', async () => {
    assert.equal((await json('labels', '--limit', '2')).length, 2);
    const child = startOrdo(['labels', folder.pipeline, '--json']);
    const end = ended(child);
    child.stdout?.destroy();
    assert.deepEqual(await end.then(({ code, stderr }) => ({ code, stderr })), { code: 0, stderr: '' });
  });

  it('produce takes streams and attributes from a CSV, reports bad files, and ends with 1', async () => {
    const { code, stdout } = await run('produce', '--json', 'photos/some.csv', '--source', 'urn:test', '--rate', '500');
    assert.equal(code, 1);
    const [failed, summary] = jsonLines(stdout);
    assert.equal(Reflect.get(failed?.['error'] ?? {}, 'code'), 'INPUT_NOT_FOUND');
    assert.deepEqual([summary?.['produced'], summary?.['failed']], [3, 1]);
    await upFor(7);
    const labels = (await json('labels')).filter(({ source }) => source === 'urn:test');
    const known = (i: number) => [`t${i + 1}`, { path: `0000${i}.png`, class_id: String(i), track: `t${i + 1}` }];
    assert.deepEqual(
      new Map(labels.map(({ id, stream, attributes }) => [id, [stream, attributes]])),
      new Map([0, 1, 2].map((i) => [`0000${i}.png`, known(i)])),
    );
  });

  it('dlq list filters dead letters, and show gives one whole', async () => {
    const [letter, ...others] = await json('dlq list');
    assert.deepEqual(others, []);
    assert.deepEqual(
      [letter?.['code'], letter?.['stage'], letter?.['topic'], letter?.['eventId'], letter?.['resolved']],
      ['IMAGE_UNSUPPORTED', 'tokenize', 'tiny.images', 'bad.png', null],
    );
    assert.deepEqual(await json('dlq list', '--code', 'IMAGE_CORRUPT', 'IMAGE_UNSUPPORTED', '--until', '1d'), []);
    assert.deepEqual(await json('dlq list', '--code', 'IMAGE_CORRUPT', 'IMAGE_UNSUPPORTED'), [letter]);
    const [whole] = await json('dlq show', String(letter?.['id']));
    assert.ok(Buffer.from(String(whole?.['value']), 'base64').includes('not an image'));
    assert.equal(Reflect.get(whole?.['headers'] ?? {}, 'ce_id'), 'bad.png');
    assert.match(
      (await run('dlq show', String(letter?.['id']))).stdout,
      /from tiny\.images, .*\n {2}key gate, value of/,
    );
  });

  it('dlq replay changes nothing in a dry run, then puts the record back as it was', async () => {
    const [before] = await json('dlq show', await onlyLetter());
    assert.equal((await json('dlq replay', '--all', '--dry-run')).length, 1);
    const [done] = await json('dlq replay', '--code', 'IMAGE_UNSUPPORTED');
    assert.deepEqual([done?.['id'], done?.['action'], done?.['dryRun']], [before?.['id'], 'replayed', false]);
    assert.deepEqual(await json('dlq list'), []);
    assert.equal((await json('dlq list', '--all'))[0]?.['resolved'], 'replayed');
    const again = await run('dlq replay', String(before?.['id']));
    assert.equal(again.code, 1);
    assert.match(again.stderr, /replayed before/);
    await upFor(8);
    const [after] = await json('dlq show', await onlyLetter());
    assert.notEqual(after?.['id'], before?.['id']);
    for (const field of ['key', 'value', 'headers', 'topic', 'partition'])
      assert.deepEqual(after?.[field], before?.[field]);
  });

  it('dlq drop takes a dead letter off the list', async () => {
    const missing = await run('dlq drop', '1:999');
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /^1:999: INPUT_NOT_FOUND: /);
    const [dropped] = await json('dlq drop', await onlyLetter());
    assert.equal(dropped?.['action'], 'dropped');
    assert.deepEqual(await json('dlq list'), []);
    assert.deepEqual(
      (await json('dlq list', '--all')).map(({ resolved }) => resolved),
      ['replayed', 'dropped'],
    );
  });

  it('reset moves a stage that is down, and the same labels come again', async () => {
    const end = (await json('reset', '--stage', 'tokenize', '--to', 'latest', '--dry-run')).map(({ to }) => Number(to));
    assert.equal(
      end.reduce((sum, offset) => sum + offset),
      8,
    );
    const [moved] = await json('reset', '--stage', 'tokenize', '--to', '1h', '--partition', '1');
    assert.deepEqual(moved, { topic: 'tiny.images', partition: 1, from: end[1], to: 0, dryRun: false });
    const [lag] = await json('lag');
    assert.equal(lag?.['lag'], end[1]);
    const outside = await run('reset', '--stage', 'tokenize', '--to', '99');
    assert.equal(outside.code, 66);
    assert.match(outside.stderr, /^ordo: LOG_OFFSET_INVALID: /);
    assert.equal((await run('reset', '--stage', 'tokenize', '--to', 'latest', '--topic', 'tiny.tasks')).code, 2);
  });

  it('reset refuses a stage that runs, which lag shows with its member', async () => {
    const up = startOrdo(['up', folder.pipeline, '--stage', 'tokenize']);
    const end = ended(up);
    await heard(up, 'stderr', 'the pipeline runs');
    const { code, stderr } = await run('reset', '--stage', 'tokenize', '--to', 'earliest');
    assert.equal(code, 69);
    assert.match(stderr, /^ordo: LOG_FENCED: the stage tokenize is running/);
    assert.match((await run('lag')).stdout, /tokenize \d+ \(1 member\), score \d+ \(0 members\)/);
    up.kill('SIGINT');
    assert.equal((await end).code, 0);
  });

  it('labels --follow and produce --loop end with 0 when interrupted', async () => {
    const follow = startOrdo(['labels', folder.pipeline, '--follow', '--from', 'earliest', '--json']);
    const followed = ended(follow);
    await heard(follow, 'stdout', 'bad.png');
    follow.kill('SIGINT');
    const { code, stdout } = await followed;
    assert.equal(code, 0);
    assert.ok(jsonLines(stdout).length > 0);
    const loop = startOrdo(['produce', folder.pipeline, EXAMPLES, '--loop', '--rate', '50', '--json']);
    const looped = ended(loop);
    await waitForLag();
    loop.kill('SIGINT');
    const produced = await looped;
    assert.equal(produced.code, 0);
    assert.ok(Number(jsonLines(produced.stdout)[0]?.['produced']) > 0);
  });

  it('up serves health and metrics, and ends with 69 when its port is taken', async () => {
    const first = startOrdo(['up', folder.pipeline, '--stage', 'aggregate']);
    const end = ended(first);
    const port = await new Promise<string>((resolve) => {
      first.stderr?.on('data', (text: string) => {
        const found = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (found) resolve(found);
      });
    });
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(
      metrics,
      /^ordo_consumer_lag_records\{stage="aggregate",topic="tiny\.tiny-1\.evidence",pipeline="tiny"\} 0$/m,
    );
    const { code, stderr } = await run('up', '--stage', 'aggregate', '--port', port);
    assert.equal(code, 69);
    assert.match(stderr, /ordo: PORT_IN_USE: /);
    first.kill('SIGTERM');
    assert.equal((await end).code, 0);
  });

  async function onlyLetter(): Promise<string> {
    const letters = await json('dlq list');
    assert.equal(letters.length, 1);
    return String(letters[0]?.['id']);
  }

  async function waitForLag(): Promise<void> {
    const [before] = await json('lag');
    for (;;) {
      const [now] = await json('lag');
      if (Number(now?.['lag']) > Number(before?.['lag'])) return;
    }
  }
}).timeout(60_000);
