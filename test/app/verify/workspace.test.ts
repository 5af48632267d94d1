import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { openTopicAdmin } from '../../../src/adapters/kafka/open.ts';
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

async function create(spec: PipelineSpec): Promise<void> {
  await (await openLog(spec)).close();
}

/** The names of the cluster's topics that begin with the prefix. */
async function namesOn({ brokers }: Broker, prefix: string): Promise<string[]> {
  const topics = openTopicAdmin({ brokers, clientId: 'test' });
  const names = (await topics.find()).map(({ name }) => name);
  await topics.close();
  return names.filter((name) => name.startsWith(prefix)).sort();
}

describeWithKafka('the topics of a run on Kafka', (broker) => {
  it('must not be there before it', async () => {
    const spec = on(broker(), `${randomUUID()}.`);
    await requireFresh(spec);
    await create(spec);
    await assert.rejects(requireFresh(spec), { code: 'LOG_TOPIC_CONFLICT', message: new RegExp(spec.name) });
    await discardLog(spec);
  });

  it('are deleted after it, and no others', async () => {
    const prefix = `${randomUUID()}.`;
    const [spec, other] = [on(broker(), `${prefix}a.`), on(broker(), prefix)];
    const names = topicsOf(spec).map(({ name }) => name);
    await Promise.all([create(spec), create(other)]);
    assert.equal((await namesOn(broker(), prefix)).length, 2 * names.length);
    await discardLog(spec);
    await requireFresh(spec);
    assert.deepEqual(await namesOn(broker(), prefix), names.map((name) => `${prefix}${name}`).sort());
    await discardLog(other);
  });

  it('need not be there to be deleted', async () => {
    await discardLog(on(broker(), `${randomUUID()}.`));
  });
});
