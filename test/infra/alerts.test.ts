import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describeWithCommands } from '../support/infra/commands.ts';
import { ROOT, text, yaml } from '../support/infra/files.ts';
import { requireSchema, unknownFields } from '../support/infra/kubernetes.ts';
import { knownMetrics, metricNames } from '../support/infra/metrics.ts';
import { run } from '../support/java/run.ts';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  labels?: { severity: string };
  annotations?: { summary: string; description: string };
}

const file = (name: string) => join(ROOT, 'infra', 'prometheus', name);
const promtool = (...args: string[]) => run('promtool', args, 60_000);

async function rules(): Promise<Rule[]> {
  const { groups } = await yaml<{ groups: { rules: Rule[] }[] }>('infra', 'prometheus', 'alerts.yml');
  return groups.flatMap((group) => group.rules);
}

async function alertNames(): Promise<string[]> {
  return (await rules()).flatMap(({ alert }) => (alert === undefined ? [] : [alert]));
}

describe('the alerts', () => {
  it('ask for metrics that there are', async () => {
    const known = await knownMetrics();
    const asked = (await rules()).flatMap(({ expr }) => metricNames(expr));
    assert.ok(asked.length > 0);
    assert.deepEqual(
      asked.filter((name) => !known.has(name)),
      [],
    );
  });

  it('say how bad it is, what it is and what it means', async () => {
    for (const { alert, labels, annotations } of (await rules()).filter((rule) => rule.alert)) {
      assert.ok(['info', 'warning', 'critical'].includes(labels?.severity ?? ''), alert);
      assert.ok(annotations?.summary && annotations.description, alert);
    }
  });

  it('are those that docs/operations.md explains', async () => {
    const explained = [...(await text('docs', 'operations.md')).matchAll(/^\| `(Ordo\w+)` \|/gm)];
    assert.deepEqual(new Set(explained.map(([, name]) => name)), new Set(await alertNames()));
  });

  it('have a unit test each in which they fire', async () => {
    const tests = await text('infra', 'prometheus', 'alerts.test.yml');
    const fired = [...tests.matchAll(/alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:\n/g)].map(([, name]) => name);
    assert.deepEqual(new Set(fired), new Set(await alertNames()));
  });
});

describe('the alerts as a PrometheusRule', () => {
  it('are what the Prometheus operator takes', async () => {
    const spec = await yaml('infra', 'prometheus', 'alerts.yml');
    const rule = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'ordo' }, spec };
    await requireSchema(rule);
    assert.equal(await unknownFields([rule]), '');
  });
});

describeWithCommands('what Prometheus is given', ['promtool'], () => {
  it('is a configuration without fault', async () => {
    assert.match(await promtool('check', 'config', file('prometheus.yml')), /is valid prometheus config file syntax/);
  });

  it('is rules without fault', async () => {
    assert.match(await promtool('check', 'rules', '--lint-fatal', file('alerts.yml')), /SUCCESS/);
  });

  it('is alerts that fire when they should and else do not', async () => {
    assert.match(await promtool('test', 'rules', file('alerts.test.yml')), /SUCCESS/);
  });
}).timeout(60_000);
