import assert from 'node:assert/strict';
import { watchLoad } from '../../src/app/load-watch.ts';
import { openLog } from '../../src/app/open-log.ts';
import { topicNames } from '../../src/app/spec.ts';
import { Signal } from '../../src/concurrency/signal.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { temporaryFolder } from '../support/folders.ts';
import { silent } from '../support/silent.ts';
import { tinySpec } from '../support/tiny.ts';

describe('watching the load', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  it('lowers the ceiling while the score stage is behind, and shows it', async () => {
    const spec = tinySpec(folder.path, { load: { floor: 1, from: 2, to: 8 } });
    const log = await openLog(spec);
    const shown: number[] = [];
    const changed = new Signal();
    const telemetry: Telemetry = {
      ...silent.telemetry,
      set: (metric, _labels, value) => {
        if (metric === 'ordo_order_ceiling') shown.push(value);
        changed.raise();
      },
    };
    const watch = watchLoad(spec, { log, telemetry, logger: silent.logger });
    try {
      await changed.until(() => shown.length > 0);
      assert.deepEqual([shown[0], watch.ceiling()], [4, 0], 'nothing waits: as many as the plan has');
      const value = new Uint8Array();
      const records = Array.from({ length: 8 }, () => ({
        topic: topicNames(spec).tasks,
        partition: 0,
        key: value,
        headers: {},
        value,
      }));
      await log.publish(records);
      await changed.until(() => shown.at(-1) === 1);
      assert.equal(watch.ceiling(), 1);
    } finally {
      await watch.close();
      await log.close();
    }
  });

  it('does nothing where the pipeline does not ask for it', async () => {
    const log = await openLog(tinySpec(folder.path));
    const watch = watchLoad(tinySpec(folder.path), { log, ...silent });
    assert.equal(watch.ceiling(), 0);
    await watch.close();
    await log.close();
  });
});
