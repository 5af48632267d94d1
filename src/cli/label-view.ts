import { toHex } from '../domain/digest.ts';
import { OrdoError } from '../errors.ts';
import type { LogRecord } from '../ports/log.ts';
import { decodeLabel, type Label } from '../stages/codec.ts';
import { printable } from '../text.ts';
import { type DecisionView, decisionText, decisionView } from './views.ts';

/** A decision, and what narrowed it. */
type ClassifiedView = DecisionView & {
  /** Classes dropped before the last round, and those that a proposer ruled out before the first. */
  pruned: number;
  ruledOut: number;
  /** Most orders that were allowed, where the load asked for fewer than the plan has. */
  maxOrders?: number;
};

type Classified = Extract<Label['outcome'], { case: 'classified' }>['value'];

type OutcomeView =
  | ({ outcome: 'classified' } & ClassifiedView)
  | { outcome: 'failed'; error: { code: string; message: string; stage: string } }
  | { outcome: 'expired'; maxAgeMs: number };

/** The outcome of an image, as data. */
export type LabelView = OutcomeView & {
  id: string;
  source: string;
  stream: string;
  /** The attribute of that name, where the producer gave one. */
  path?: string;
  attributes: Record<string, string>;
  /** ISO 8601. */
  capturedAt: string;
  /** The model's digest in hex. */
  model: string;
  profile: string;
  partition: number;
  offset: number;
};

/** What a record of the topic `labels` says. Errors: RECORD_INVALID. */
export function labelView(record: LogRecord): LabelView {
  const label = decodeLabel(record);
  const { id = '', source = '', stream = '', capturedAtMs = 0n } = label.image ?? {};
  const attributes = Object.fromEntries(label.image?.attributes.map(({ name, value }) => [name, value]) ?? []);
  return {
    id,
    source,
    stream,
    ...outcomeView(label),
    ...(attributes['path'] !== undefined && { path: attributes['path'] }),
    attributes,
    capturedAt: new Date(Number(capturedAtMs)).toISOString(),
    model: toHex(label.model),
    profile: label.profile,
    partition: record.partition,
    offset: record.offset,
  };
}

/** The same for people, on one line. */
export function labelText(view: LabelView): string {
  return `${view.capturedAt}  ${printable(view.stream)}  ${printable(view.id)}: ${printable(outcomeText(view))}`;
}

function outcomeView({ outcome }: Label): OutcomeView {
  if (outcome.case === 'failed') {
    const { code, message, stage } = outcome.value;
    return { outcome: 'failed', error: { code, message, stage } };
  }
  if (outcome.case === 'expired') return { outcome: 'expired', maxAgeMs: Number(outcome.value.maxAgeMs) };
  if (outcome.case !== 'classified') throw new OrdoError('RECORD_INVALID', 'the label has no outcome');
  return { outcome: 'classified', ...classifiedView(outcome.value) };
}

function classifiedView(found: Classified): ClassifiedView {
  const { pruned, ruledOut, maxOrders } = found;
  const names = new Map([found, ...found.top].map(({ classId, className }) => [classId, className]));
  const view = decisionView(found, (id) => names.get(id) ?? String(id));
  return { ...view, pruned, ruledOut, ...(maxOrders > 0 && { maxOrders }) };
}

function outcomeText(view: OutcomeView): string {
  if (view.outcome === 'classified') return decisionText(view);
  if (view.outcome === 'failed') return `failed, ${view.error.code}: ${view.error.message}`;
  return `expired after ${view.maxAgeMs} ms`;
}
