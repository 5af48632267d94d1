import assert from 'node:assert/strict';
import type { KubernetesObject } from './kubernetes.ts';

interface Probe {
  httpGet: { path: string; port: string };
}

export interface Container {
  image: string;
  args: string[];
  env: {
    name: string;
    valueFrom?: { configMapKeyRef?: { name: string }; secretKeyRef?: { name: string } };
  }[];
  ports?: unknown;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: unknown;
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  volumeMounts: { name: string; mountPath: string }[];
}

export interface Pod {
  labels: Record<string, string>;
  automountServiceAccountToken?: boolean;
  containers: Container[];
  securityContext: { runAsNonRoot: boolean; runAsUser: number; seccompProfile: unknown };
  serviceAccountName: string;
  terminationGracePeriodSeconds?: number;
  volumes: {
    configMap?: { name: string };
    secret?: { secretName: string };
    persistentVolumeClaim?: { claimName: string };
  }[];
}

interface Workload {
  template: { metadata: { labels: Record<string, string> }; spec: Omit<Pod, 'labels'> };
}

export function ofKind(objects: readonly KubernetesObject[], kind: string): KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}

/** The pod that a Deployment or a Job makes, with its labels. */
export function podOf(workload: KubernetesObject): Pod {
  const { template } = workload['spec'] as Workload;
  return { ...template.spec, labels: template.metadata.labels };
}

export function podsOf(objects: readonly KubernetesObject[]): Pod[] {
  return [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'Job')].map(podOf);
}

/** The one container of a pod. */
export function containerOf({ containers }: Pod): Container {
  const [container, ...others] = containers;
  assert.deepEqual(others, []);
  return container ?? assert.fail('a pod without a container');
}

/** The pods of the Deployments, by the stage that they run. */
export function stages(objects: readonly KubernetesObject[]): Map<string, Pod> {
  return new Map(
    ofKind(objects, 'Deployment').map((object) => {
      const pod = podOf(object);
      const { args } = containerOf(pod);
      return [args[args.indexOf('--stage') + 1] ?? '', pod];
    }),
  );
}

/** The labels by which an object finds its pods. */
export function selectorOf({ spec }: KubernetesObject): Record<string, string> {
  const { selector, podSelector } = spec as Record<'selector' | 'podSelector', Record<string, unknown> | undefined>;
  const found = selector ?? podSelector ?? {};
  return (found['matchLabels'] ?? found) as Record<string, string>;
}

export function isPart(part: Record<string, string>, whole: Record<string, string>): boolean {
  return Object.entries(part).every(([label, value]) => whole[label] === value);
}
