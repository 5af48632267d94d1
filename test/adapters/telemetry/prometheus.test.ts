import assert from 'node:assert/strict';
import { prometheusTelemetry } from '../../../src/adapters/telemetry/prometheus.ts';
import { METRICS } from '../../../src/ports/metrics.ts';

describe('prometheusTelemetry', () => {
  it('registers every metric of the list, with its help and type', async () => {
    const text = await prometheusTelemetry().scrape();
    for (const [name, { help, type }] of Object.entries(METRICS)) {
      assert.ok(text.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`), name);
    }
  });

  it('counts by labels', async () => {
    const { telemetry, scrape } = prometheusTelemetry();
    telemetry.count('ordo_rows_total', { prefix: '64' });
    telemetry.count('ordo_rows_total', { prefix: '64' }, 15);
    telemetry.count('ordo_rows_total', { prefix: '32' }, 2);
    const text = await scrape();
    assert.match(text, /^ordo_rows_total\{prefix="64"\} 16$/m);
    assert.match(text, /^ordo_rows_total\{prefix="32"\} 2$/m);
  });

  it("puts measurements into the metric's own buckets", async () => {
    const { telemetry, scrape } = prometheusTelemetry();
    telemetry.observe('ordo_image_orders', {}, 5);
    const text = await scrape();
    assert.match(text, /^ordo_image_orders_bucket\{le="4"\} 0$/m);
    assert.match(text, /^ordo_image_orders_bucket\{le="6"\} 1$/m);
    assert.match(text, /^ordo_image_orders_sum 5$/m);
  });

  it('says of every series which pipeline it is of', async () => {
    const { telemetry, scrape } = prometheusTelemetry({ pipeline: 'gate' });
    telemetry.count('ordo_images_total', { outcome: 'classified' });
    telemetry.observe('ordo_image_orders', {}, 5);
    telemetry.set('ordo_consumer_lag_records', { stage: 'score', topic: 'a' }, 7);
    telemetry.unset('ordo_consumer_lag_records', { stage: 'score', topic: 'a' });
    const series = (await scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(series.some((line) => line.startsWith('process_start_time_seconds{')));
    for (const line of series) assert.match(line, /^[a-z0-9_]+\{([^}]*,)?pipeline="gate"\} /);
    assert.ok(!series.some((line) => line.startsWith('ordo_consumer_lag_records')));
  });

  it('sets gauges', async () => {
    const { telemetry, scrape } = prometheusTelemetry();
    telemetry.set('ordo_in_flight_records', { stage: 'score' }, 7);
    telemetry.set('ordo_in_flight_records', { stage: 'score' }, 3);
    assert.match(await scrape(), /^ordo_in_flight_records\{stage="score"\} 3$/m);
  });

  it('shows no gauge under labels that it was taken away under, until it is set again', async () => {
    const { telemetry, scrape } = prometheusTelemetry();
    telemetry.set('ordo_order_ceiling', {}, 4);
    telemetry.set('ordo_consumer_lag_records', { stage: 'score', topic: 'a' }, 7);
    telemetry.set('ordo_consumer_lag_records', { stage: 'score', topic: 'b' }, 8);
    telemetry.unset('ordo_order_ceiling', {});
    telemetry.unset('ordo_consumer_lag_records', { topic: 'a', stage: 'score' });
    const without = await scrape();
    assert.doesNotMatch(without, /^ordo_order_ceiling|topic="a"/m);
    assert.match(without, /^ordo_consumer_lag_records\{stage="score",topic="b"\} 8$/m);
    telemetry.set('ordo_consumer_lag_records', { stage: 'score', topic: 'a' }, 0);
    assert.match(await scrape(), /^ordo_consumer_lag_records\{stage="score",topic="a"\} 0$/m);
  });

  it('escapes label values', async () => {
    const { telemetry, scrape } = prometheusTelemetry();
    telemetry.count('ordo_images_total', { outcome: 'a"b\\c\nd' });
    assert.ok((await scrape()).includes('ordo_images_total{outcome="a\\"b\\\\c\\nd"} 1'));
  });

  it('drops measurements that are no numbers, and counts that would go down, without throwing', async () => {
    const { telemetry, scrape } = prometheusTelemetry();
    telemetry.count('ordo_rows_total', { prefix: '8' }, -1);
    telemetry.count('ordo_rows_total', { prefix: '8' }, Number.NaN);
    telemetry.observe('ordo_image_rows', {}, Number.NaN);
    telemetry.set('ordo_in_flight_records', { stage: 's' }, Number.NaN);
    const text = await scrape();
    assert.doesNotMatch(text, /NaN|prefix="8"/);
  });

  it('exposes the metrics of the process', async () => {
    assert.match(await prometheusTelemetry().scrape(), /^process_resident_memory_bytes \d/m);
  });

  it('keeps each instance apart', async () => {
    const [one, two] = [prometheusTelemetry(), prometheusTelemetry()];
    one.telemetry.count('ordo_rows_total', { prefix: '64' });
    assert.doesNotMatch(await two.scrape(), /prefix="64"/);
  });

  it('passes an incoming trace context on while tracing is off', () => {
    const { telemetry } = prometheusTelemetry();
    const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=1' };
    const span = telemetry.span('x', { kind: 'consumer', parent: { ...parent, ce_id: '7' } });
    span.end(new Error('no matter'));
    assert.deepEqual(span.headers(), parent);
    assert.deepEqual(telemetry.span('x', { kind: 'consumer', parent: { ce_id: '7' } }).headers(), {});
  });
});
