import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ended, heard } from '../cli.ts';
import { describeWithS3 } from './describe.ts';
import type { S3Server } from './server.ts';

const HERE = import.meta.dirname;
const MOCHA = join(HERE, '..', '..', '..', 'node_modules', 'mocha', 'bin', 'mocha.js');

/** Starts a server, says where, and stays. */
const OWNER = `
import { startS3 } from ${JSON.stringify(pathToFileURL(join(HERE, 'server.ts')).href)};
console.log('started', (await startS3()).endpoint);
setInterval(() => {}, 1000);`;

let first: S3Server | undefined;

describeWithS3('the shared S3 server', (s3) => {
  before(() => {
    first = s3();
  });

  it('makes buckets', async () => {
    const bucket = await s3().createBucket();
    const { Buckets = [] } = await s3().client.send(new ListBucketsCommand());
    assert.ok(Buckets.some(({ Name }) => Name === bucket));
  });

  it('serves nobody who does not sign', async () => {
    assert.equal((await fetch(s3().endpoint)).status, 403);
  });

  it('is gone when the process that started it was killed', async function () {
    if (process.platform === 'win32') this.skip();
    this.timeout(60_000);
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', OWNER], { stdio: 'pipe' });
    let said = '';
    owner.stdout.on('data', (text: Buffer) => (said += text));
    await heard(owner, 'stdout', 'started');
    const endpoint = said.trim().split(' ')[1] ?? '';
    assert.equal((await fetch(endpoint)).status, 403);
    owner.kill('SIGKILL');
    while (await fetch(endpoint).catch(() => undefined)) await sleep(20);
  });
});

describeWithS3('another suite with the shared S3 server', (s3) => {
  it('has the same one', () => {
    assert.equal(s3(), first);
  });
});

describe('describeWithS3 where there is no Java', () => {
  const run = (environment: NodeJS.ProcessEnv) => {
    const env = { ...process.env, JAVA_HOME: join(HERE, 'missing'), ...environment };
    return ended(spawn(process.execPath, [MOCHA, join(HERE, 'skipping.ts')], { env, stdio: 'pipe' }));
  };

  it('skips, and says so at the end of the run', async function () {
    this.timeout(60_000);
    const { code, stdout, stderr } = await run({ REQUIRE_S3: '' });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /1 passing[\s\S]*2 pending/);
    assert.match(stderr, /SKIPPED: the first suite, the second suite: \S*java cannot be used/);
  });

  it('fails where the server is required', async function () {
    this.timeout(60_000);
    const { code, stdout } = await run({ REQUIRE_S3: '1' });
    assert.notEqual(code, 0);
    assert.match(stdout, /1 passing[\s\S]*2 failing/);
  });
});
