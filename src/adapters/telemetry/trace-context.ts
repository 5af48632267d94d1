import { createTraceState, type SpanContext } from '@opentelemetry/api';

type Headers = Readonly<Record<string, string>>;

/** `00-<32 hex trace>-<16 hex parent>-<2 hex flags>`, neither id all zeros; a later version may add fields. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The span that a record's headers name, by W3C Trace Context (https://www.w3.org/TR/trace-context/); undefined
 * where they name none, or not well.
 */
export function parseTraceContext({ traceparent, tracestate }: Headers): SpanContext | undefined {
  const match = TRACEPARENT.exec(traceparent ?? '');
  if (!match) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === '00' && rest !== undefined) return undefined;
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(tracestate && { traceState: createTraceState(tracestate) }),
  };
}

/** The headers that name a span. */
export function traceContextHeaders({ traceId, spanId, traceFlags, traceState }: SpanContext): Record<string, string> {
  const flags = traceFlags.toString(16).padStart(2, '0');
  const state = traceState?.serialize();
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(state && { tracestate: state }) };
}

/** Longer headers are not carried on: they would swell every record that follows. */
const MOST_PARENT = 256;
const MOST_STATE = 512;

/** The trace context among a record's headers, as it is; none if it is malformed. */
export function traceContextOf(headers: Headers): Record<string, string> {
  const { traceparent = '', tracestate } = headers;
  if (traceparent.length > MOST_PARENT || !TRACEPARENT.test(traceparent)) return {};
  return { traceparent, ...(tracestate !== undefined && tracestate.length <= MOST_STATE && { tracestate }) };
}
