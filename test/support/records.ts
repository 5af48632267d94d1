import type { LogRecord, NewRecord } from '../../src/ports/log.ts';

const utf8 = new TextEncoder();

/** A record to publish whose value is a text. */
export function newRecord(text: string, fields: Partial<NewRecord> = {}): NewRecord {
  return { topic: 'out', partition: 0, key: utf8.encode('key'), headers: {}, value: utf8.encode(text), ...fields };
}

/** A record as the log gives it. */
export function logRecord(fields: Partial<LogRecord> = {}): LogRecord {
  return { ...newRecord('value'), topic: 't', offset: 0, timestampMs: 0, ...fields };
}

export function textOf(record: Pick<NewRecord, 'value'>): string {
  return new TextDecoder().decode(record.value);
}
