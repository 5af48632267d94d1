import assert from 'node:assert/strict';
import { join } from 'node:path';
import { stageInputs } from '../../src/app/lag.ts';
import { groupName, STAGES } from '../../src/app/spec.ts';
import { parseSize } from '../../src/app/units.ts';
import { describeWithCommands } from '../support/infra/commands.ts';
import { imagePipeline, ROOT } from '../support/infra/files.ts';
import { type KubernetesObject, render } from '../support/infra/kubernetes.ts';
import { containerOf, ofKind, stages } from '../support/infra/pods.ts';

interface Trigger {
  type: string;
  metadata: Record<string, string>;
  authenticationRef?: { name: string };
}

interface ScaledObjectSpec {
  scaleTargetRef: { name: string };
  minReplicaCount: number;
  maxReplicaCount: number;
  fallback: { replicas: number };
  triggers: Trigger[];
}

/** What KEDA's scaler for Kafka reads of a trigger's metadata (github.com/kedacore/keda, pkg/scalers/kafka_scaler.go). */
const KNOWN = new Set(
  (
    'bootstrapServers bootstrapServersFromEnv consumerGroup topic lagThreshold activationLagThreshold ' +
    'offsetResetPolicy allowIdleConsumers excludePersistentLag scaleToZeroOnInvalidOffset version ' +
    'limitToPartitionsWithLag ensureEvenDistributionOfPartitions partitionLimitation sasl tls'
  ).split(' '),
);

const overlay = (name: string) => render(join(ROOT, 'infra', 'kubernetes', 'overlays', name));
const pipeline = () => imagePipeline('infra', 'kubernetes', 'base', 'pipeline.yaml');

for (const name of ['keda', 'secure']) {
  describeWithCommands(`the autoscaling of infra/kubernetes/overlays/${name}`, ['kubectl'], () => {
    let objects: KubernetesObject[];
    before(async () => {
      objects = await overlay(name);
    });

    const scaled = () => ofKind(objects, 'ScaledObject').map(({ spec }) => spec as ScaledObjectSpec);
    const triggers = () => scaled().flatMap((spec) => spec.triggers);

    it('scales the Deployment of each stage, which says no number of its own', () => {
      const deployments = ofKind(objects, 'Deployment');
      assert.deepEqual(
        new Set(scaled().map(({ scaleTargetRef }) => scaleTargetRef.name)),
        new Set(deployments.map(({ metadata }) => metadata.name)),
      );
      for (const { spec } of deployments) assert.ok(!('replicas' in (spec as object)));
    });

    it('stays within the partitions', async () => {
      const { partitions } = (await pipeline()).topics;
      for (const { minReplicaCount, maxReplicaCount, fallback } of scaled()) {
        assert.equal(maxReplicaCount, partitions);
        assert.ok(minReplicaCount >= 1 && fallback.replicas <= partitions);
      }
    });

    it('looks at what each stage reads, as its consumer group', async () => {
      const spec = await pipeline();
      const read = STAGES.flatMap((stage) =>
        stageInputs(spec, stage).map((topic) => `${groupName(spec, stage)} ${topic}`),
      );
      const looked = triggers().map(({ metadata }) => `${metadata['consumerGroup']} ${metadata['topic']}`);
      assert.deepEqual(looked.sort(byCodePoint), read.sort(byCodePoint));
    });

    it('counts only partitions that have a lag, whether they move or not, from where stages begin', () => {
      for (const { type, metadata } of triggers()) {
        const { limitToPartitionsWithLag, excludePersistentLag, offsetResetPolicy, lagThreshold } = metadata;
        assert.deepEqual(
          [type, limitToPartitionsWithLag, excludePersistentLag, offsetResetPolicy],
          ['kafka', 'true', undefined, 'earliest'],
        );
        assert.ok(Number(lagThreshold) > 0);
        assert.deepEqual(
          Object.keys(metadata).filter((field) => !KNOWN.has(field)),
          [],
        );
      }
    });

    it('finds the brokers where the pods do', () => {
      for (const pod of stages(objects).values()) {
        const variables = containerOf(pod).env.map((variable) => variable.name);
        assert.ok(triggers().every(({ metadata }) => variables.includes(metadata['bootstrapServersFromEnv'] ?? '')));
      }
    });

    it(name === 'secure' ? 'logs in at Kafka with what pods log in with' : 'needs no login', () => {
      const [authentication] = ofKind(objects, 'TriggerAuthentication');
      const expected = name === 'secure' ? ['ordo-kafka', 'scram_sha512', 'enable'] : [undefined, undefined, undefined];
      for (const { authenticationRef, metadata } of triggers()) {
        assert.deepEqual([authenticationRef?.name, metadata['sasl'], metadata['tls']], expected);
      }
      assert.equal(authentication?.metadata.name, expected[0]);
    });
  });
}

describeWithCommands('the resources of infra/kubernetes/overlays/cpu', ['kubectl'], () => {
  it('give score a CPU for each of its workers', async () => {
    const { workers } = (await pipeline()).scoring;
    const score = stages(await overlay('cpu')).get('score');
    const { requests, limits } = (score && containerOf(score).resources) ?? assert.fail('no score');
    assert.deepEqual([requests['cpu'], limits['cpu']], [String(workers), String(workers)]);
  });

  it('leave tokenize the memory that its decoders may take', async () => {
    const { maxPixels, decoders } = (await pipeline()).images;
    const tokenize = stages(await overlay('cpu')).get('tokenize');
    const limit = tokenize && containerOf(tokenize).resources.limits['memory'];
    const each = 512 * 2 ** 20 + 24 * maxPixels;
    assert.ok((parseSize(`${limit}B`) ?? 0) >= decoders * each + 512 * 2 ** 20, `${limit}`);
    for (const file of ['base', 'components/sasl']) {
      const { images } = await imagePipeline('infra', 'kubernetes', ...file.split('/'), 'pipeline.yaml');
      assert.equal(images.decoders, 1, 'and not as many as the node has cores for');
    }
  });
});

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : 1;
}
