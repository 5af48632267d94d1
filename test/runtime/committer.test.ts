import assert from 'node:assert/strict';
import { OrdoError } from '../../src/errors.ts';
import type { Consumer, PartitionOffset } from '../../src/ports/log.ts';
import { Committer } from '../../src/runtime/committer.ts';
import { Holdings } from '../../src/runtime/holdings.ts';
import { logRecord, newRecord, textOf } from '../support/records.ts';

const START: PartitionOffset = { topic: 't', partition: 0, offset: 0, metadata: '' };

describe('Committer', () => {
  function setUp(commit: Consumer['commit']) {
    const holdings = new Holdings();
    holdings.assign([START]);
    const stop = new AbortController();
    const consumer: Consumer = {
      commit,
      poll: async () => [],
      pause: () => {},
      resume: () => {},
      assignment: () => [START],
      close: async () => {},
    };
    const committer = new Committer({
      consumer,
      holdings,
      signal: stop.signal,
      onTrouble: () => {},
      onCommitted: () => {},
      onTooLarge: (entry) => {
        entry.outputs = [newRecord('small')];
      },
      onAnswered: () => {},
    });
    return { holdings, committer, stop };
  }

  const finish = (holdings: Holdings, committer: Committer, offset: number) => {
    const record = logRecord({ offset });
    Object.assign(holdings.take(record, holdings.find(record)) ?? {}, { outputs: [newRecord(`of ${offset}`)] });
    committer.wake();
  };

  it('writes what finished while it was writing', async () => {
    const written: number[] = [];
    const { holdings, committer } = setUp(async ({ offsets }) => {
      written.push(offsets[0]?.offset ?? -1);
      if (written.length === 1) finish(holdings, committer, 1);
    });
    finish(holdings, committer, 0);
    await holdings.changed.until(() => holdings.inFlight === 0, 2000);
    await committer.close();
    assert.deepEqual(written, [1, 2]);
  });

  it('takes back a mark that was under way when its partition was to go', async () => {
    const written: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { holdings, committer } = setUp(async ({ offsets }) => {
      if (written.length === 0) await gate.promise;
      written.push(offsets[0]?.metadata ?? 'none');
    });
    const marking = committer.mark(holdings.all(), 'takeover');
    const clearing = committer.mark(holdings.all(), 'clear');
    gate.resolve();
    await Promise.all([marking, clearing]);
    await committer.mark(holdings.all(), 'clear');
    await committer.close();
    assert.deepEqual(written, ['starts=1 alone=0', '']);
  });

  it('does not repeat a failed commit once the partition was lost and won again', async () => {
    let attempts = 0;
    const { holdings, committer } = setUp(async () => {
      attempts++;
      holdings.assign([START]);
      throw new OrdoError('LOG_UNAVAILABLE', 'away');
    });
    finish(holdings, committer, 0);
    await new Promise((resolve) => void setTimeout(resolve, 300));
    await committer.close();
    assert.equal(attempts, 1);
  });

  it('drops what is not owned any more when a commit is fenced, and goes on', async () => {
    const { holdings, committer } = setUp(async () => {
      throw new OrdoError('LOG_FENCED', 'gone');
    });
    holdings.assign([{ ...START, partition: 1 }]);
    const record = logRecord({ partition: 1 });
    Object.assign(holdings.take(record, holdings.find(record)) ?? {}, { outputs: [] });
    committer.wake();
    await holdings.changed.until(() => holdings.all().length === 1, 2000);
    await committer.close();
    assert.deepEqual(
      holdings.all().map(({ tracker }) => tracker.partition),
      [0],
    );
  });

  it('finds the record of which the outputs are too large, and commits all others as they are', async () => {
    const published: string[] = [];
    const { holdings, committer } = setUp(async ({ publish }) => {
      if (publish.some((one) => textOf(one) === 'of 2')) throw new OrdoError('RECORD_TOO_LARGE', 'too large');
      published.push(...publish.map(textOf));
    });
    for (const offset of [0, 1, 2, 3]) finish(holdings, committer, offset);
    await holdings.changed.until(() => holdings.inFlight === 0, 2000);
    await committer.close();
    assert.deepEqual(published, ['of 0', 'of 1', 'small', 'of 3']);
  });

  it('looks for what is too large by halves', async () => {
    let attempts = 0;
    const { holdings, committer } = setUp(async ({ publish }) => {
      attempts++;
      if (publish.some((one) => textOf(one) === 'of 200')) throw new OrdoError('RECORD_TOO_LARGE', 'too large');
    });
    for (let offset = 0; offset < 256; offset++) finish(holdings, committer, offset);
    await holdings.changed.until(() => holdings.inFlight === 0, 2000);
    await committer.close();
    assert.ok(attempts < 40, `${attempts} attempts`);
  });

  it('takes no mark for written that was fenced', async () => {
    const { holdings, committer } = setUp(async () => {
      throw new OrdoError('LOG_FENCED', 'gone');
    });
    await committer.mark(holdings.all(), 'takeover');
    await committer.close();
    assert.equal(holdings.all()[0]?.marked, false);
  });

  it('ends with the error that will not pass', async () => {
    const { holdings, committer } = setUp(async () => {
      throw new OrdoError('LOG_CORRUPT', 'bad page');
    });
    finish(holdings, committer, 0);
    await assert.rejects(committer.done, { code: 'LOG_CORRUPT' });
  });
});
