import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import type { Logger } from '../../ports/logger.ts';

type SpanExporter = NodeSDKConfiguration['traceExporter'];

/** An exporter that tells when its receiver, at `url`, stops taking spans and when it takes them again. */
export function watched(exporter: SpanExporter, { url, logger }: { url: string; logger: Logger }): SpanExporter {
  let failing = false;
  const note = (error?: Error) => {
    if (failing === (error !== undefined)) return;
    failing = !failing;
    if (failing) logger.warn({ url, reason: error?.message }, 'spans are dropped: the receiver does not take them');
    else logger.info({ url }, 'the receiver takes spans again');
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const code: number = result.code;
        note(code === 0 ? undefined : (result.error ?? new Error('no reason was given')));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
