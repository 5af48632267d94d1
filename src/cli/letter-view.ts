import { ERRORS, isErrorCode } from '../errors.ts';
import type { StoredLetter } from './dead-letters.ts';
import { printable } from '../text.ts';
import { counted } from './views.ts';

/** A dead letter as data. */
export interface LetterView {
  id: string;
  /** When the letter was written, ISO 8601. */
  at: string;
  code: string;
  message: string;
  stage: string;
  /** Where the record was. */
  topic: string;
  partition: number;
  offset: number;
  /** The record's CloudEvents identity, where it has one. */
  source: string | null;
  eventId: string | null;
  resolved: 'replayed' | 'dropped' | null;
}

export function letterView({ id, record, letter, resolved }: StoredLetter): LetterView {
  const { code, message, stage, topic, partition, offset } = letter;
  const { ce_source: source = null, ce_id: eventId = null } = headersOf(letter.headers);
  const at = new Date(record.timestampMs).toISOString();
  return {
    id,
    at,
    code,
    message,
    stage,
    topic,
    partition,
    offset: Number(offset),
    source,
    eventId,
    resolved: resolved ?? null,
  };
}

/** On one line. */
export function letterText({ id, at, code, message, stage, eventId, resolved }: LetterView): string {
  const line = `${id}  ${at}  ${stage}  ${code}  ${eventId ?? '(no id)'}: ${message}`;
  return printable(resolved ? `${line} (${resolved})` : line);
}

/** A dead letter whole, as data: key and value of its record in base64. */
export function wholeView(stored: StoredLetter): LetterView & { headers: object; key: string; value: string } {
  const { headers, key, value } = stored.letter;
  return { ...letterView(stored), headers: headersOf(headers), key: base64(key), value: base64(value) };
}

/** A dead letter whole, for people. */
export function wholeText(stored: StoredLetter): string {
  const { key, value, headers } = stored.letter;
  const { id, at, code, message, stage, topic, partition, offset, resolved } = letterView(stored);
  const lines = [
    `${id}  ${at}${resolved ? ` (${resolved})` : ''}`,
    `  ${stage}: ${code}: ${message}`,
    ...(isErrorCode(code) ? [`  what helps: ${ERRORS[code].remedy}`] : []),
    `  from ${topic}, partition ${partition}, offset ${offset}`,
    `  key ${new TextDecoder().decode(key)}, value of ${counted(value.length, 'byte')}`,
    ...Object.entries(headersOf(headers)).map(([name, text]) => `  ${name}: ${text}`),
  ];
  return lines.map(printable).join('\n');
}

function headersOf(headers: StoredLetter['letter']['headers']): Record<string, string> {
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
