import assert from 'node:assert/strict';
import type { KafkaLogSpec, PipelineSpec } from '../../src/app/spec.ts';
import { variedImage } from '../../src/app/verify/images.ts';
import { FAULT_KINDS, type FaultKind, planFaults } from '../../src/app/verify/plan.ts';
import type { FragileBroker } from '../../src/app/verify/run.ts';
import { type Verdict, verify } from '../../src/app/verify/verify.ts';
import { temporaryFolder } from '../support/folders.ts';
import { describeWithKafkaProcess } from '../support/kafka/describe.ts';
import { kafkaSpec } from '../support/kafka/spec.ts';
import { tinyPictures, tinySpec } from '../support/tiny.ts';

const PROCESSES = { tokenize: 1, score: 2, aggregate: 1 };
const IMAGES = 150;

describe('a pipeline whose processes are hurt', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let stop: AbortController;
  let running: Promise<unknown>;

  beforeEach(async () => {
    stop = new AbortController();
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    stop.abort();
    await Promise.allSettled([running]);
    await folder.remove();
  });

  async function hurt(kinds: readonly FaultKind[], log?: KafkaLogSpec, broker?: FragileBroker): Promise<Verdict> {
    const tiny = tinySpec(folder.path);
    const spec: PipelineSpec = log ? { ...tiny, log } : tiny;
    const pictures = await tinyPictures();
    const verdict = verify(spec, {
      images: IMAGES,
      image: (index) => variedImage(pictures, 7, index),
      processes: PROCESSES,
      faults: planFaults({ faults: 8, kinds, seed: 7, processes: PROCESSES }),
      ...(broker && { broker }),
      folder: folder.path,
      prefix: 'hurt.',
      signal: stop.signal,
    });
    running = verdict;
    return verdict;
  }

  const RIGHT = { lost: 0, changed: 0, unexpected: 0, endings: 0, passed: true };
  const rest = ({ lost, changed, unexpected, endings, passed }: Verdict) => ({
    lost,
    changed,
    unexpected,
    endings,
    passed,
  });

  it('gives every image the one outcome that an undisturbed run gives it', async () => {
    const verdict = await hurt(['kill', 'pause', 'churn']);
    assert.deepEqual({ ...rest(verdict), doubled: verdict.doubled }, { ...RIGHT, doubled: 0 });
    assert.equal(verdict.outcomes, IMAGES);
  }).timeout(240_000);

  it('gives the same outcome again for records that are there twice', async () => {
    const verdict = await hurt(['duplicate']);
    assert.deepEqual(rest(verdict), RIGHT);
    assert.ok(verdict.duplicated > 0 && verdict.doubled > 0);
    assert.equal(verdict.outcomes, IMAGES + verdict.duplicated);
  }).timeout(240_000);

  describeWithKafkaProcess('on Kafka', (broker) => {
    it('gives every image the outcome that an undisturbed run gives it, though the broker is killed too', async () => {
      const verdict = await hurt(FAULT_KINDS, kafkaSpec(broker().brokers), broker());
      assert.deepEqual(rest(verdict), RIGHT);
      assert.ok((verdict.faults.broker ?? 0) > 0);
    }).timeout(300_000);
  });
});
