import { styleText } from 'node:util';
import { type LabelView, viewLabel } from '../console/label-view.ts';
import type { LogRecord } from '../ports/log.ts';
import { printable } from '../text.ts';
import { errorText } from './output.ts';
import { counted } from './views.ts';

type Tone = 'green' | 'red' | 'yellow' | 'dim';

const NAME_WIDTH = 34;
const STREAM_WIDTH = 16;

/** A record of the topic `labels` on one line: the label, or why it cannot be read. */
export function recordLine(record: LogRecord, classes: readonly string[]): string {
  try {
    return labelLine(viewLabel(record, classes));
  } catch (error) {
    return printable(errorText(`partition ${record.partition}, offset ${record.offset}`, error));
  }
}

/** A label on one line: time, stream, mark, class, posterior, and what it took. Colours only where stdout shows them. */
export function labelLine(label: LabelView): string {
  const { sign, tone } = markOf(label);
  const time = new Date(label.labelledAtMs).toTimeString().slice(0, 8);
  const stream = fitted(label.stream, STREAM_WIDTH);
  return [paint('dim', time), stream, paint(tone, sign), ...said(label, tone)].join('  ');
}

function said({ outcome, truth, right, labelledAtMs, capturedAtMs }: LabelView, tone: Tone): string[] {
  if (outcome.kind === 'expired') return ['expired'];
  if (outcome.kind === 'failed') return [paint(tone, outcome.code), printable(outcome.message)];
  const posterior = `${(100 * outcome.posterior).toFixed(0)}%`.padStart(4);
  const work = `${counted(outcome.orders, 'order')}, ${outcome.rows} rows, ${labelledAtMs - capturedAtMs} ms`;
  const aside = right === false ? `truth: ${truth?.name}` : truth?.classId === null ? truth.name : undefined;
  const name = paint(right === false ? tone : undefined, fitted(outcome.name, NAME_WIDTH));
  return [name, posterior, paint('dim', work), ...(aside ? [paint(tone, printable(aside))] : [])];
}

function markOf({ outcome, truth, right }: LabelView): { sign: string; tone: Tone } {
  if (outcome.kind !== 'classified') return { sign: '!', tone: outcome.kind === 'failed' ? 'red' : 'yellow' };
  if (right === undefined) return truth ? { sign: '∅', tone: 'yellow' } : { sign: '·', tone: 'dim' };
  return right ? { sign: '✓', tone: 'green' } : { sign: '✗', tone: 'red' };
}

function fitted(text: string, width: number): string {
  const safe = printable(text);
  return safe.length > width ? `${safe.slice(0, width - 1)}…` : safe.padEnd(width);
}

function paint(tone: Tone | undefined, text: string): string {
  return tone ? styleText(tone, text, { stream: process.stdout }) : text;
}
