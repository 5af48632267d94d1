import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWithCommands } from '../support/infra/commands.ts';
import { stopsWithinMs } from '../support/infra/compose.ts';
import { imagePipeline, ROOT, text, yaml } from '../support/infra/files.ts';
import {
  type KubernetesObject,
  render,
  renderText,
  requireSchema,
  unknownFields,
} from '../support/infra/kubernetes.ts';
import { containerOf, isPart, ofKind, type Pod, podOf, podsOf, selectorOf, stages } from '../support/infra/pods.ts';

const FOLDER = join(ROOT, 'infra', 'kubernetes');
const OVERLAYS = await readdir(join(FOLDER, 'overlays'));

for (const overlay of OVERLAYS) {
  describeWithCommands(`infra/kubernetes/overlays/${overlay}`, ['kubectl'], () => {
    let objects: KubernetesObject[];
    before(async () => {
      objects = await render(join(FOLDER, 'overlays', overlay));
    });

    it('is what the schemas of Kubernetes, KEDA and the Prometheus operator allow', async () => {
      for (const object of objects) await requireSchema(object);
      assert.equal(await unknownFields(objects), '');
    });

    it('gives every object a name of its own', () => {
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.equal(new Set(names).size, names.length, names.join(', '));
    });

    it('runs each stage in a Deployment, and a Job for the topics', () => {
      assert.deepEqual([...stages(objects).keys()].sort(), ['aggregate', 'score', 'tokenize']);
      const [job] = ofKind(objects, 'Job');
      assert.deepEqual(job && containerOf(podOf(job)).args, ['topics', 'apply', '/etc/ordo/pipeline.yaml']);
    });

    it('keeps pods within the restricted Pod Security Standard, on a file system that they may not write', () => {
      for (const pod of podsOf(objects)) requireRestricted(pod);
    });

    it('says what pods need, and bounds their memory', () => {
      for (const pod of podsOf(objects)) {
        const { requests, limits } = containerOf(pod).resources;
        assert.ok(requests['cpu'] && requests['memory'] && limits['memory']);
      }
    });

    it('refers to nothing that is not there', () => {
      const there = new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
      const missing = podsOf(objects)
        .flatMap(references)
        .filter((reference) => !there.has(reference));
      const secret = overlay === 'secure' ? ['Secret ordo-kafka'] : [];
      assert.deepEqual(new Set(missing), new Set(secret));
    });

    it('watches stages by their health port, and gives them longer to end than they take at most', async () => {
      const atMost = await stopsWithinMs();
      for (const [stage, pod] of stages(objects)) {
        const { startupProbe, readinessProbe, livenessProbe, ports } = containerOf(pod);
        const paths = [startupProbe, readinessProbe, livenessProbe].map((probe) => probe?.httpGet);
        const at = (path: string) => ({ path, port: 'health' });
        assert.deepEqual(paths, [at('/livez'), at('/readyz'), at('/livez')], stage);
        assert.deepEqual(ports, [{ name: 'health', containerPort: 9464 }], stage);
        assert.ok((pod.terminationGracePeriodSeconds ?? 0) * 1000 >= 2 * atMost, stage);
      }
    });

    it('selects pods that there are', () => {
      for (const kind of ['Service', 'PodDisruptionBudget', 'NetworkPolicy', 'PodMonitor']) {
        for (const object of ofKind(objects, kind)) {
          const selector = selectorOf(object);
          assert.ok(
            podsOf(objects).some(({ labels }) => isPart(selector, labels)),
            `${kind} ${object.metadata.name}`,
          );
        }
      }
    });

    it('lets a node be drained pod by pod, and at once of pods that are not ready', () => {
      const budgets = ofKind(objects, 'PodDisruptionBudget');
      assert.equal(budgets.length, 3);
      for (const { spec } of budgets) {
        const { maxUnavailable, unhealthyPodEvictionPolicy } = spec as Record<string, unknown>;
        assert.deepEqual([maxUnavailable, unhealthyPodEvictionPolicy], [1, 'AlwaysAllow']);
      }
    });
  });
}

describe('infra/kubernetes', () => {
  it('uses every component in an overlay', async () => {
    const used = (
      await Promise.all(OVERLAYS.map((one) => text('infra', 'kubernetes', 'overlays', one, 'kustomization.yaml')))
    ).join();
    const components = await readdir(join(FOLDER, 'components'));
    assert.deepEqual(
      components.filter((component) => !used.includes(`../../components/${component}\n`)),
      [],
    );
  });

  for (const file of ['base/pipeline.yaml', 'components/sasl/pipeline.yaml']) {
    it(`has in ${file} the shipped pipeline, but for where its parts lie`, async () => {
      const [shipped, ours] = [
        await pipelineParts('pipelines/traffic-signs.yaml'),
        await pipelineParts(`infra/kubernetes/${file}`),
      ];
      assert.deepEqual(ours.same, shipped.same);
      assert.equal(ours.differing.model, '/app/models/traffic-signs');
      assert.ok(existsSync(join(ROOT, 'models', 'traffic-signs')));
      assert.deepEqual(ours.differing.health, { host: '0.0.0.0', port: 9464 });
      assert.equal((await imagePipeline('infra', 'kubernetes', file)).log.type, 'kafka');
    });
  }
});

describeWithCommands('the kustomizations of docs/deployment.md', ['kubectl'], () => {
  let blocks: string[];
  before(async () => {
    const doc = await text('docs', 'deployment.md');
    blocks = [...doc.matchAll(/```yaml\n([^`]*)```/g)].map(([, block = '']) => block);
  });
  const startingWith = (start: string) => blocks.filter((block) => block.startsWith(start));
  const kustomizations = () => startingWith('apiVersion: kustomize');

  it('can be rendered, with image, brokers and components', async () => {
    const [main = ''] = kustomizations();
    const objects = await renderText(main);
    for (const object of objects) await requireSchema(object);
    assert.ok(podsOf(objects).every((pod) => containerOf(pod).image === 'registry.example.com/ordo:0.1.0'));
    const kafka = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name.startsWith('ordo-kafka-'));
    assert.deepEqual(kafka?.['data'], { brokers: 'kafka-1.example.com:9092,kafka-2.example.com:9092' });
    assert.equal(ofKind(objects, 'PodMonitor').length, 1);
  });

  it('can be patched as the page says', async () => {
    const [main = ''] = kustomizations();
    const closed = main.replace(/(?<=^components: \[)/m, 'ordo/infra/kubernetes/components/network-policy, ');
    const patches = startingWith('patches:');
    assert.equal(patches.length, 5);
    const plain = await renderText(closed);
    for (const patch of patches) {
      const objects = await renderText(`${closed}${patch}`);
      assert.notDeepEqual(objects, plain);
      for (const object of objects) await requireSchema(object);
      assert.equal(await unknownFields(objects), '');
    }
  }).timeout(60_000);

  it('run score and aggregate of an old model under names and labels of their own', async () => {
    const [main = '', old = ''] = kustomizations();
    const [there, beside] = [await renderText(main), await renderText(old.replace('../ordo/', 'ordo/'))];
    for (const object of beside) await requireSchema(object);
    const names = (objects: KubernetesObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.deepEqual(
      names(beside).filter((name) => names(there).includes(name)),
      [],
    );
    const replicas = ofKind(beside, 'Deployment').map(({ metadata, spec }) => [
      metadata.name,
      (spec as { replicas: number }).replicas,
    ]);
    assert.deepEqual(Object.fromEntries(replicas), {
      'ordo-aggregate-old': 1,
      'ordo-score-old': 2,
      'ordo-tokenize-old': 0,
    });
    for (const budget of ofKind(there, 'PodDisruptionBudget')) {
      assert.ok(podsOf(beside).every(({ labels }) => !isPart(selectorOf(budget), labels)));
    }
  });
});

function requireRestricted(pod: Pod): void {
  const { automountServiceAccountToken, securityContext } = pod;
  assert.equal(automountServiceAccountToken, false);
  assert.equal(securityContext.runAsNonRoot, true);
  assert.ok(securityContext.runAsUser > 0);
  assert.deepEqual(securityContext.seccompProfile, { type: 'RuntimeDefault' });
  assert.deepEqual(containerOf(pod).securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
}

/** The objects that a pod needs, by kind and name. */
function references(pod: Pod): string[] {
  const volumes = pod.volumes.flatMap(({ configMap, secret, persistentVolumeClaim }) => [
    ...(configMap ? [`ConfigMap ${configMap.name}`] : []),
    ...(secret ? [`Secret ${secret.secretName}`] : []),
    ...(persistentVolumeClaim ? [`PersistentVolumeClaim ${persistentVolumeClaim.claimName}`] : []),
  ]);
  const variables = containerOf(pod).env.flatMap(({ valueFrom }) => [
    ...(valueFrom?.configMapKeyRef ? [`ConfigMap ${valueFrom.configMapKeyRef.name}`] : []),
    ...(valueFrom?.secretKeyRef ? [`Secret ${valueFrom.secretKeyRef.name}`] : []),
  ]);
  return [`ServiceAccount ${pod.serviceAccountName}`, ...volumes, ...variables];
}

interface PipelineParts {
  model: string;
  log: unknown;
  health: unknown;
  images: { claimCheck: { folder: string }; decoders?: number };
  scoring: { workers: unknown };
}

/** A pipeline file, and apart from it what differs from one place to another. */
async function pipelineParts(file: string) {
  const { model, log, health, images, scoring, ...rest } = await yaml<PipelineParts>(file);
  const { claimCheck, decoders, ...limits } = images;
  const { folder, ...above } = claimCheck;
  const { workers, ...batches } = scoring;
  return { same: { ...rest, limits, above, batches }, differing: { model, log, health, folder, workers, decoders } };
}
