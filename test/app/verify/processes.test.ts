import assert from 'node:assert/strict';
import { openLog } from '../../../src/app/open-log.ts';
import { StageProcesses } from '../../../src/app/verify/processes.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { recordSignals } from '../../support/signals.ts';
import { tinySpec } from '../../support/tiny.ts';

const LONG_MS = 60_000;

describe('the processes of a run', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let processes: StageProcesses;
  let signals: ReturnType<typeof recordSignals>;

  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
    const spec = tinySpec(folder.path);
    await (await openLog(spec)).close();
    processes = new StageProcesses(spec, { tokenize: 1, score: 0, aggregate: 0 });
    signals = recordSignals();
  });
  afterEach(async () => {
    signals.restore();
    await processes.close();
    await folder.remove();
  });

  it('go on after they were halted', async () => {
    await processes.pause('tokenize', 0, 1, new AbortController().signal);
    assert.deepEqual(signals.sent, ['SIGSTOP', 'SIGCONT']);
  });

  it('go on at once when the run is cut off', async () => {
    const stop = new AbortController();
    const paused = processes.pause('tokenize', 0, LONG_MS, stop.signal);
    assert.deepEqual(signals.sent, ['SIGSTOP']);
    stop.abort();
    await paused;
    assert.deepEqual(signals.sent, ['SIGSTOP', 'SIGCONT']);
  });

  it('are held up by none that is halted when they are closed', async () => {
    const paused = processes.pause('tokenize', 0, LONG_MS, new AbortController().signal);
    await processes.close();
    await paused;
  });
}).timeout(10_000);
