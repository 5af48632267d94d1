import type { Span, SpanOptions, Telemetry } from '../../ports/telemetry.ts';
import { traceContextOf } from './trace-context.ts';

const nothing = () => {};
const noSpan: Span = { headers: () => ({}), end: nothing };

/** A span that is not recorded; the trace context that came in is passed on as it is. */
export function unrecordedSpan(_name: string, { parent }: SpanOptions): Span {
  return parent?.['traceparent'] ? { headers: () => traceContextOf(parent), end: nothing } : noSpan;
}

/** Telemetry that records nothing. */
export function silentTelemetry(): Telemetry {
  return { count: nothing, observe: nothing, set: nothing, unset: nothing, span: unrecordedSpan };
}
