import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { startService } from '../../src/app/service.ts';
import { OrdoError } from '../../src/errors.ts';
import type { Log } from '../../src/ports/log.ts';
import { silent } from '../support/silent.ts';
import { openTinyLog, type TinyLog } from '../support/tiny-log.ts';

describe('the metrics of a service', () => {
  let tiny: TinyLog;
  let log: Log;
  beforeEach(async () => {
    tiny = await openTinyLog();
    log = tiny.log;
  });
  afterEach(() => tiny.close());

  it('come without the lag, which is not known, while the log does not tell it, and then with it again', async () => {
    const tell = log.topics.bind(log);
    const service = await startService(tiny.spec, { stages: ['aggregate'], logger: silent.logger, log });
    const scrape = async () => (await fetch(`${service.url}/metrics`)).text();
    try {
      for (const known of [true, false, true]) {
        log.topics = known ? tell : () => Promise.reject(new OrdoError('LOG_UNAVAILABLE', 'why'));
        const metrics = await scrape();
        assert.match(metrics, /^process_resident_memory_bytes\{pipeline="tiny"\} \d/m);
        assert.equal(/^ordo_consumer_lag_records\{stage="aggregate",.*,pipeline="tiny"\}/m.test(metrics), known);
      }
    } finally {
      await service.stop();
    }
  });

  it('come though the log is silent', async () => {
    const service = await startService(tiny.spec, { stages: ['aggregate'], logger: silent.logger, log });
    try {
      log.topics = () => new Promise(() => {});
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      assert.match(metrics, /^process_resident_memory_bytes\{pipeline="tiny"\} \d/m);
    } finally {
      await service.stop();
    }
  });
});

describe('stopping a service', () => {
  let tiny: TinyLog;
  beforeEach(async () => {
    tiny = await openTinyLog();
  });
  afterEach(() => tiny.close());

  it('lets its stages leave though the server does not close', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const plugins = [async (server: FastifyInstance) => void server.addHook('preClose', () => promise)];
    const { log } = tiny;
    const service = await startService(tiny.spec, { stages: ['aggregate'], logger: silent.logger, log, plugins });
    const members = async () => (await log.groups()).flatMap((group) => group.members).length;
    while ((await members()) === 0) await sleep(5);
    const stopped = service.stop();
    try {
      while ((await members()) > 0) await sleep(5);
      assert.deepEqual(service.pipeline.ended(), []);
    } finally {
      resolve();
      await stopped;
    }
  });
});
