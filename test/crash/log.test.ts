import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteLog } from '../../src/adapters/sqlite/open.ts';
import type { Log } from '../../src/ports/log.ts';
import { offsetsAfter } from '../contracts/log-harness.ts';
import { temporaryFolder } from '../support/folders.ts';
import { countOf, intactTexts, killNow, PARTITIONS, type Role, startLogProcess, whole } from '../support/log-crash.ts';
import { uniform } from '../../src/domain/random.ts';

describe('the SQLite log, when processes die', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: Log;
  let children: ChildProcess[];
  const start = (role: Role, name: string, sessionMs?: number) => {
    const child = startLogProcess(role, folder.path, name, sessionMs);
    children.push(child);
    return child;
  };
  beforeEach(async () => {
    children = [];
    folder = await temporaryFolder();
    log = await openSqliteLog({ folder: folder.path });
    await log.ensureTopics(['in', 'out'].map((name) => ({ name, partitions: PARTITIONS })));
  });
  afterEach(async () => {
    await Promise.all(children.map(killNow));
    await log.close();
    await folder.remove();
  });

  it('has every acknowledged record, whole and in order, and of the others whole batches or nothing', async () => {
    const random = uniform(11);
    const acknowledged = await Promise.all(
      Array.from({ length: 9 }, async (_, run) => {
        const texts: string[] = [];
        await sleep(Math.floor(run / 3) * 500);
        const child = start('publish', `run${run}`);
        child.on('message', (batch: string[]) => texts.push(...batch));
        await once(child, 'message');
        await sleep(random() * 200);
        await killNow(child);
        return texts;
      }),
    );
    const partitions = await Promise.all([0, 1, 2, 3].map((partition) => intactTexts(log, 'in', partition)));
    for (const [run, texts] of acknowledged.entries()) {
      const own = partitions.map((content) => content.filter((text) => text.startsWith(`run${run}:`)));
      const total = own.flat().length;
      assert.ok(texts.length > 0 && total >= texts.length && total % 3 === 0);
      for (const [partition, content] of own.entries()) {
        const expected = Array.from({ length: total }, (_, i) => i).filter((i) => i % PARTITIONS === partition);
        assert.deepEqual(
          content,
          expected.map((i) => `run${run}:${i}`),
        );
      }
    }
  }).timeout(120_000);

  it('moves every record on exactly once, in order, though its consumers are killed 20 times', async () => {
    const random = uniform(23);
    const total = 3000;
    const source = Array.from({ length: total }, (_, i) => whole('in', i % PARTITIONS, `${i}`));
    await log.publish(source);
    const endings: string[] = [];
    const copy = (name: string) => {
      const ending = (code: number | null, signal: string | null) => {
        if (signal !== 'SIGKILL') endings.push(`${name} ended by itself: ${code ?? signal}`);
      };
      return start('copy', name).once('exit', ending);
    };
    const moved = async (count: number) => {
      while ((await countOf(log, 'out')) < count) {
        assert.deepEqual(endings, []);
        await sleep(5);
      }
    };
    const running = ['x', 'y', 'z'].map(copy);
    for (let kill = 1; kill <= 20; kill++) {
      await moved((kill * total) / 21);
      await sleep(random() * 30);
      const victim = Math.floor(random() * running.length);
      const [killed] = running.splice(victim, 1, copy(`${kill}`));
      if (killed) await killNow(killed);
    }
    await moved(total);
    for (const partition of [0, 1, 2, 3]) {
      const expected = source.filter((record) => record.partition === partition).map(({ headers }) => headers['text']);
      assert.deepEqual(await intactTexts(log, 'out', partition), expected);
    }
  }).timeout(120_000);

  it('fences a process that was stopped beyond its session, which then goes on', async () => {
    await log.publish(Array.from({ length: 40 }, (_, i) => whole('in', i % PARTITIONS, `${i}`)));
    const stopped = start('obey', 'stopped', 1500);
    await once(stopped, 'message');
    const told = async (what: string) => {
      stopped.send(what);
      const [answer]: [unknown] = (await once(stopped, 'message')) as [unknown];
      return answer;
    };
    assert.equal(await told('poll'), 10);
    stopped.kill('SIGSTOP');
    const other = await log.consume({ group: 'copy', topics: ['in'], from: 'earliest' });
    const move = async (count: number) => {
      for (let moved = 0; moved < count; ) {
        const found = await other.poll({ maxRecords: 100, waitMs: 1000 });
        const publish = found.map((record) => ({ ...record, topic: 'out' }));
        await other.commit({ publish, offsets: offsetsAfter(found) });
        moved += found.length;
      }
    };
    await move(40);
    stopped.kill('SIGCONT');
    assert.equal(await told('commit'), 'LOG_FENCED');
    while (other.assignment().length !== PARTITIONS / 2) await sleep(10);
    await log.publish(Array.from({ length: 8 }, (_, i) => whole('in', i % PARTITIONS, `${40 + i}`)));
    await move(4);
    while ((await countOf(log, 'out')) < 48) {
      await told('poll');
      assert.notEqual(typeof (await told('commit')), 'string');
    }
    const all = await Promise.all([0, 1, 2, 3].map((partition) => intactTexts(log, 'out', partition)));
    const expected = Array.from({ length: 48 }, (_, i) => i);
    assert.deepEqual(
      all
        .flat()
        .map(Number)
        .sort((a, b) => a - b),
      expected,
    );
  }).timeout(60_000);
});
