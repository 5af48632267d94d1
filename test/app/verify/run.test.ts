import assert from 'node:assert/strict';
import { type RunOptions, runWithFaults } from '../../../src/app/verify/run.ts';
import { variedImage } from '../../../src/app/verify/images.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { recordSignals } from '../../support/signals.ts';
import { tinyPictures, tinySpec } from '../../support/tiny.ts';

/** Of the tiny pipeline's sessions, which last a second. */
const SESSIONS = 15;

describe('a run in which a process is halted', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let signals: ReturnType<typeof recordSignals> | undefined;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    signals?.restore();
    await folder.remove();
  });

  async function run(options: Pick<RunOptions, 'signal' | 'onFault'>): Promise<void> {
    const pictures = await tinyPictures();
    await runWithFaults(tinySpec(folder.path), {
      images: 4,
      image: (index) => variedImage(pictures, 1, index),
      processes: { tokenize: 1, score: 0, aggregate: 0 },
      faults: [{ harm: { kind: 'pause', stage: 'tokenize', pick: 0, sessions: SESSIONS }, share: 0, moreMs: 0 }],
      ...options,
    });
  }

  it('ends with the error of one that cannot be, which ends nothing else', async () => {
    signals = recordSignals({ refuse: 'SIGSTOP' });
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    await assert.rejects(run({ signal: new AbortController().signal }), /Unknown signal: SIGSTOP/);
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });

  it('lets it go on when it is cut off', async function () {
    if (process.platform === 'win32') this.skip();
    signals = recordSignals();
    const stop = new AbortController();
    await assert.rejects(run({ signal: stop.signal, onFault: () => stop.abort() }), { code: 'STOPPED' });
    assert.deepEqual(signals.sent, ['SIGSTOP', 'SIGCONT']);
  });
});
