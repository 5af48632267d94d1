import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from '../../src/app/open-log.ts';
import type { PipelineSpec } from '../../src/app/spec.ts';
import { type Member, startMember } from '../processes/process.ts';
import type { Contender } from '../rows/contender.ts';
import { taskMaker } from './tasks.ts';

/** Tasks on their way for each process: enough that tiles fill. */
const TASKS_EACH = 16;
const LOOK_MS = 250;
/** Share of a slice in which tiles fill; it does not count. */
const FILL = 0.25;

/** Scoring processes of one thread each, fed with tasks of `rows` rows while it is their turn. */
export async function openScorers(spec: PipelineSpec, processes: number, rows: number): Promise<Contender> {
  const log = await openLog(spec);
  const make = await taskMaker(spec);
  const members = await Promise.all(Array.from({ length: processes }, () => startMember(spec, ['score'])));
  let given = 0;

  async function topUp(scored: number): Promise<void> {
    const missing = processes * TASKS_EACH - (given - scored / rows);
    if (missing < 1) return;
    const tasks = await make(Math.floor(missing));
    given += tasks.length;
    await log.publish(tasks);
  }

  return {
    name: `${processes} on Kafka`,
    slice: async (ms) => {
      const [started, before] = [performance.now(), await scoredBy(members)];
      let [from, to] = [before, before];
      while (to.atMs - before.atMs < ms) {
        await topUp(to.rows);
        await sleep(LOOK_MS);
        to = await scoredBy(members);
        if (performance.now() - started < FILL * ms) from = to;
      }
      const perSecond = (1000 * (to.rows - from.rows)) / (to.atMs - from.atMs);
      while ((await scoredBy(members)).rows < given * rows) await sleep(50);
      return { rows: given * rows - before.rows, perSecond };
    },
    close: async () => {
      await Promise.all(members.map((member) => member.stop()));
      await log.close();
    },
  };
}

/** Rows that processes have scored up to a moment, and the processor time they have used. */
export async function scoredBy(members: readonly Member[]): Promise<{ rows: number; cpuMs: number; atMs: number }> {
  const samples = await Promise.all(members.map((member) => member.sample()));
  return {
    rows: samples.reduce((sum, { rows }) => sum + rows, 0),
    cpuMs: samples.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    atMs: performance.now(),
  };
}
