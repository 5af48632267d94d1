import type { LogRecord, NewRecord } from '../ports/log.ts';
import type { TraceHeaders } from './codec.ts';
import type { StageContext } from './context.ts';

/** Runs a stage's handler inside a span that continues the record's trace; the handler gets the headers to pass on. */
export function traced(
  { telemetry }: Pick<StageContext, 'telemetry'>,
  stage: string,
  handle: (record: LogRecord, trace: TraceHeaders) => Promise<NewRecord[]>,
): (record: LogRecord) => Promise<NewRecord[]> {
  return async (record) => {
    const span = telemetry.span(`${stage} ${record.topic}`, {
      kind: 'consumer',
      parent: record.headers,
      attributes: { stage, topic: record.topic, partition: record.partition, offset: record.offset },
    });
    try {
      const outputs = await handle(record, span.headers());
      span.end();
      return outputs;
    } catch (error) {
      span.end(error);
      throw error;
    }
  };
}
