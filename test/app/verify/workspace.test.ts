import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { openLog, topicsOf } from '../../../src/app/open-log.ts';
import type { PipelineSpec } from '../../../src/app/spec.ts';
import { discardLog, requireFresh } from '../../../src/app/verify/workspace.ts';
import type { Broker } from '../../support/kafka/broker.ts';
import { describeWithKafka } from '../../support/kafka/describe.ts';
import { kafkaSpec } from '../../support/kafka/spec.ts';
import { tinySpec } from '../../support/tiny.ts';

const on = ({ brokers }: Broker, prefix: string): PipelineSpec => ({
  ...tinySpec('/none'),
  log: { ...kafkaSpec(brokers), prefix },
});

async function namesOn(spec: PipelineSpec): Promise<string[]> {
  const log = await openLog(spec);
  const names = (await log.topics()).map(({ name }) => name);
  await log.close();
  return names.sort();
}

describeWithKafka('the topics of a run on Kafka', (broker) => {
  it('must not be there before it', async () => {
    const spec = on(broker(), `${randomUUID()}.`);
    await requireFresh(spec);
    await namesOn(spec);
    await assert.rejects(requireFresh(spec), { code: 'LOG_TOPIC_CONFLICT', message: new RegExp(spec.name) });
    await discardLog(spec);
  });

  it('are deleted after it, and no others', async () => {
    const prefix = `${randomUUID()}.`;
    const [spec, other] = [on(broker(), `${prefix}a.`), on(broker(), prefix)];
    const all = topicsOf(spec).map(({ name }) => name);
    assert.deepEqual(await namesOn(spec), all.toSorted());
    await namesOn(other);
    await discardLog(spec);
    await requireFresh(spec);
    assert.deepEqual(await namesOn(other), all.toSorted());
    await discardLog(other);
  });

  it('need not be there to be deleted', async () => {
    await discardLog(on(broker(), `${randomUUID()}.`));
  });
});
