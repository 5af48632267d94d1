import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { startService } from '../../src/app/service.ts';
import { topicNames } from '../../src/app/spec.ts';
import { OrdoError } from '../../src/errors.ts';
import type { Log } from '../../src/ports/log.ts';
import { encodeTask } from '../../src/stages/codec.ts';
import { firstTask } from '../../src/stages/restart.ts';
import { scoreStage } from '../../src/stages/score.ts';
import { newState } from '../../src/stages/state.ts';
import { newRecord } from '../support/records.ts';
import { serve } from '../support/serve.ts';
import { silent } from '../support/silent.ts';
import { IMAGE, MODEL, received, stageContext, stubScorer } from '../support/stages.ts';
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

describe('the readiness of a service', () => {
  let tiny: TinyLog;
  beforeEach(async () => {
    tiny = await openTinyLog();
  });
  afterEach(() => tiny.close());

  it('is not lost by a record that is tried again, as long as the stage may go on with others', async () => {
    const { spec, log } = tiny;
    const context = stageContext();
    const task = encodeTask(firstTask(context, newState(IMAGE, MODEL, { tokens: new Uint16Array(4) })));
    const [evidence] = await scoreStage(context, stubScorer()).handle(received('tasks', task));
    await log.publish([{ ...(evidence ?? assert.fail('no evidence')), topic: topicNames(spec).evidence }]);
    const service = await startService(spec, { stages: ['aggregate'], logger: silent.logger, log });
    try {
      while (service.pipeline.troubles().length === 0) await sleep(5);
      assert.match(service.pipeline.troubles().join(), /^aggregate: MODEL_MISMATCH/);
      assert.deepEqual(service.pipeline.obstacles(), []);
      assert.equal((await fetch(`${service.url}/readyz`)).status, 200);
    } finally {
      await service.stop();
    }
  });

  it('is lost while the log does not answer', async () => {
    const { spec, log } = tiny;
    const consume = log.consume.bind(log);
    log.consume = () => Promise.reject(new OrdoError('LOG_UNAVAILABLE', 'why'));
    const service = await startService(spec, { stages: ['aggregate'], logger: silent.logger, log });
    const status = async () => (await fetch(`${service.url}/readyz`)).status;
    try {
      while ((await status()) !== 503) await sleep(5);
      log.consume = consume;
      while ((await status()) !== 200) await sleep(5);
    } finally {
      await service.stop();
    }
  });
});

describe('the traces of a service', () => {
  const VARIABLE = 'ORDO_TEST_RECEIVER';
  let tiny: TinyLog;
  beforeEach(async () => {
    tiny = await openTinyLog();
  });
  afterEach(async () => {
    delete process.env[VARIABLE];
    await tiny.close();
  });

  const start = () => {
    const spec = { ...tiny.spec, tracing: { endpoint: { env: VARIABLE } } };
    return startService(spec, { stages: ['aggregate'], logger: silent.logger, log: tiny.log });
  };

  it('go to the receiver that the environment holds, with its password', async () => {
    const asked: (string | undefined)[] = [];
    const receiver = await serve(({ headers }, response) => {
      asked.push(headers.authorization);
      response.end('{}');
    });
    process.env[VARIABLE] = receiver.origin.replace('//', '//key:secret@');
    const service = await start();
    const { evidence, deadLetters } = topicNames(tiny.spec);
    await tiny.log.publish([newRecord('no evidence', { topic: evidence })]);
    const given = async () => (await tiny.log.topics([deadLetters])).flatMap(({ offsets }) => offsets);
    while ((await given()).every(({ end }) => end === 0)) await sleep(5);
    await service.stop();
    await receiver.close();
    assert.deepEqual(asked, [`Basic ${Buffer.from('key:secret').toString('base64')}`]);
  });

  it('are refused where the environment does not hold it any more', () =>
    assert.rejects(start(), { code: 'PIPELINE_INVALID', message: /tracing\.endpoint: .* is not set/ }));
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
