import { prometheusTelemetry } from '../../../src/adapters/telemetry/prometheus.ts';
import { silentTelemetry } from '../../../src/adapters/telemetry/silent.ts';
import { startTracing } from '../../../src/adapters/telemetry/tracing.ts';
import { silent } from '../../support/silent.ts';
import { telemetryContract } from '../../contracts/telemetry.ts';

const close = async () => {};

telemetryContract('silence', async () => ({ telemetry: silentTelemetry(), close }));

telemetryContract('Prometheus', async () => ({ telemetry: prometheusTelemetry().telemetry, close }));

telemetryContract('Prometheus with OpenTelemetry', async () => {
  const tracing = await startTracing({
    endpoint: 'http://127.0.0.1:9',
    serviceName: 'test',
    system: 'sqlite',
    logger: silent.logger,
  });
  return { telemetry: prometheusTelemetry({ span: tracing.span }).telemetry, close: tracing.shutdown };
});
