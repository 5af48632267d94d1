import {
  isSpanContextValid,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { asOrdoError } from '../../errors.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Span, Telemetry } from '../../ports/telemetry.ts';
import { ATTRIBUTE, conventionalAttributes } from './conventions.ts';
import { watched } from './span-exporter.ts';
import { parseTraceContext, traceContextHeaders } from './trace-context.ts';

export interface TracingOptions {
  /**
   * Base URL of an OTLP/HTTP receiver, such as `http://localhost:4318`; spans go to `/v1/traces` below it. User and
   * password in it are sent, and told to nobody else.
   */
  endpoint: string;
  serviceName: string;
  /** The log's kind, told as the messaging system: `kafka` is the conventions' own word, `sqlite` ours. */
  system: 'kafka' | 'sqlite';
  /** Told when the receiver stops taking spans, with the reason, and when it takes them again. */
  logger: Logger;
}

export interface Tracing {
  /** What `Telemetry.span` is while tracing is on. */
  readonly span: Telemetry['span'];
  /** Sends what is still held, and ends tracing. Never rejects: spans that cannot be sent are dropped. */
  shutdown: () => Promise<void>;
}

/** Bounds a shutdown too: an export is retried no longer than this. */
const EXPORT_TIMEOUT_MS = 2000;

/** Starts recording spans. The SDK takes half a second to load, so it is loaded here and nowhere else. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { endpoint, serviceName, system, logger } = options;
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const sdk = new NodeSDK({
    serviceName,
    traceExporter: watched(exporter, { url: new URL(url).origin, logger }),
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return {
    span: spansOf(trace.getTracer('ordo'), system),
    shutdown: async () => {
      await sdk.shutdown().catch(() => {});
      trace.disable();
    },
  };
}

const KIND = { consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER, internal: SpanKind.INTERNAL } as const;

function spansOf(tracer: Tracer, system: string): Telemetry['span'] {
  return (name, options) => {
    const parent = parseTraceContext(options.parent ?? {});
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const attributes = conventionalAttributes(options, system);
    return wrap(tracer.startSpan(name, { kind: KIND[options.kind], attributes }, context));
  };
}

function wrap(span: OtelSpan): Span {
  return {
    headers: () => (isSpanContextValid(span.spanContext()) ? traceContextHeaders(span.spanContext()) : {}),
    end(error) {
      if (error !== undefined) {
        const { code, reason: message } = asOrdoError(error);
        span.setAttribute(ATTRIBUTE.errorType, code);
        span.setStatus({ code: SpanStatusCode.ERROR, message });
      }
      span.end();
    },
  };
}
