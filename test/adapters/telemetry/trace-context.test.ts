import assert from 'node:assert/strict';
import {
  parseTraceContext,
  traceContextHeaders,
  traceContextOf,
} from '../../../src/adapters/telemetry/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('trace context', () => {
  it('comes out of headers as it went in', () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=1,other=2' };
    const context = parseTraceContext(headers);
    assert.ok(context);
    assert.deepEqual([context.traceId, context.spanId, context.traceFlags, context.isRemote], [TRACE, SPAN, 1, true]);
    assert.deepEqual(traceContextHeaders(context), headers);
  });

  it('is read from versions to come, and not from malformed headers', () => {
    assert.equal(parseTraceContext({ traceparent: `cc-${TRACE}-${SPAN}-01-more` })?.spanId, SPAN);
    const bad = [
      '',
      `ff-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}`,
    ];
    for (const traceparent of bad) assert.equal(parseTraceContext({ traceparent }), undefined, traceparent);
    assert.equal(parseTraceContext({}), undefined);
  });

  it('is passed on alone, and only whole', () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'y=1' };
    assert.deepEqual(traceContextOf({ ...headers, ce_id: '1' }), headers);
    assert.deepEqual(traceContextOf({ tracestate: 'y=1' }), {});
  });

  it('is not passed on where it is malformed or overlong', () => {
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    assert.deepEqual(traceContextOf({ traceparent: 'x', tracestate: 'y=1' }), {});
    assert.deepEqual(traceContextOf({ traceparent: `cc-${TRACE}-${SPAN}-01-${'x'.repeat(300)}` }), {});
    assert.deepEqual(traceContextOf({ traceparent, tracestate: 'y'.repeat(600) }), { traceparent });
  });
});
