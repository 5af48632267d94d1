import assert from 'node:assert/strict';
import type { Telemetry } from '../../src/ports/telemetry.ts';

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' };

/** What every adapter of the Telemetry port promises. */
export function telemetryContract(name: string, open: () => Promise<{ telemetry: Telemetry; close(): Promise<void> }>) {
  describe(`${name} as Telemetry`, () => {
    let subject: Awaited<ReturnType<typeof open>>;

    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    it('never throws, whatever it is told', () => {
      const { telemetry } = subject;
      for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        telemetry.count('ordo_rows_total', { prefix: 'x' }, value);
        telemetry.observe('ordo_image_rows', {}, value);
        telemetry.set('ordo_in_flight_records', { stage: 'é\n"' }, value);
      }
    });

    it('takes away what was set, what was not, and what is gone already', () => {
      const { telemetry } = subject;
      telemetry.set('ordo_in_flight_records', { stage: 'score' }, 1);
      telemetry.unset('ordo_in_flight_records', { stage: 'score' });
      telemetry.unset('ordo_in_flight_records', { stage: 'score' });
      telemetry.unset('ordo_in_flight_records', { stage: 'é\n"' });
      telemetry.unset('ordo_order_ceiling', {});
    });

    it('stays in the trace of the record that a span follows from', () => {
      const span = subject.telemetry.span('score tasks', { kind: 'consumer', parent: TRACE });
      assert.match(span.headers()['traceparent'] ?? '', /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
      span.end();
    });

    it('takes a record without a trace, or with one that is none', () => {
      for (const parent of [undefined, {}, { traceparent: 'x'.repeat(5000) }]) {
        const span = subject.telemetry.span('score tasks', { kind: 'consumer', ...(parent && { parent }) });
        assert.ok(Object.values(span.headers()).every((header) => header.length < 1000));
        span.end(new Error('failed'));
      }
    });

    it('ends a span more than once without harm', () => {
      const span = subject.telemetry.span('score tasks', {
        kind: 'internal',
        attributes: { stage: 'score', offset: 3 },
      });
      span.end();
      span.end('again');
    });
  });
}
