import { prometheusTelemetry } from '../../../src/adapters/telemetry/prometheus.ts';

/** Names of metrics in an expression. */
export function metricNames(expression: string): string[] {
  return expression.match(/\b(ordo|process|nodejs)_[a-z0-9_]+/g) ?? [];
}

/** The names of all series that a process of Ordo can expose. */
export async function knownMetrics(): Promise<Set<string>> {
  const exposed = await prometheusTelemetry().scrape();
  const types = [...exposed.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const series = types.flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(series);
}
