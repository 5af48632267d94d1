import type { LogRecord } from '../ports/log.ts';
import { decodeLabel, type Label } from '../stages/codec.ts';

/** An outcome as the page is told of it; numbers that JSON does not know are null there. */
export interface LabelView {
  /** Where the label stands in its topic: `partition:offset`. */
  key: string;
  stream: string;
  source: string;
  id: string;
  /** When the image was taken and when its label was put on the log, milliseconds since 1970. */
  capturedAtMs: number;
  labelledAtMs: number;
  /** What the producer said the image truly shows; absent where it said nothing. */
  truth?: Truth;
  /** Present where the truth is known and one of the classes. */
  right?: boolean;
  /** Fingerprint of the numeric profile that the evidence was computed under; empty where there is none. */
  profile: string;
  outcome: ClassifiedView | FailedView | ExpiredView;
}

/** `classId` is null for an image that shows none of the classes. */
export interface Truth {
  classId: number | null;
  name: string;
}

export interface ClassifiedView {
  kind: 'classified';
  classId: number;
  name: string;
  posterior: number;
  /** The first of the most probable classes. */
  top: { classId: number; name: string; posterior: number }[];
  /** Nats. */
  margin: number;
  logLikelihood: number;
  logEvidence: number;
  disagreement: number;
  orders: number;
  rows: number;
  rounds: number;
  pruned: number;
  /** Classes that a proposer ruled out before the first round. */
  ruledOut: number;
  statistic: string;
}

export interface FailedView {
  kind: 'failed';
  code: string;
  message: string;
  stage: string;
}

export interface ExpiredView {
  kind: 'expired';
  maxAgeMs: number;
}

/** Longest name, id or message that is kept: producers choose them, and the console's memory is bounded. */
export const MAX_TEXT = 300;

/** Most classes that are kept of those a label lists: pages show them below one another. */
const MAX_TOP = 10;

/** A record of the topic `labels`, read for display. Errors: RECORD_INVALID. */
export function viewLabel(record: LogRecord, classes: readonly string[]): LabelView {
  const label = decodeLabel(record);
  const { source = '', id = '', stream = '', capturedAtMs = 0n, attributes = [] } = label.image ?? {};
  const outcome = viewOutcome(label);
  const truth = truthOf(attributes.find(({ name }) => name === 'truth')?.value, classes);
  return {
    key: `${record.partition}:${record.offset}`,
    stream: clip(stream),
    source: clip(source),
    id: clip(id),
    capturedAtMs: Number(capturedAtMs),
    labelledAtMs: record.timestampMs,
    ...(truth && { truth }),
    ...(truth?.classId != null && outcome.kind === 'classified' && { right: outcome.classId === truth.classId }),
    profile: clip(label.profile),
    outcome,
  };
}

function viewOutcome({ outcome }: Label): LabelView['outcome'] {
  if (outcome.case === 'classified') {
    const { classId, className, posterior, margin, logLikelihood, logEvidence, disagreement } = outcome.value;
    const { orders, rows, rounds, pruned, ruledOut } = outcome.value;
    const statistic = clip(outcome.value.statistic);
    const top = outcome.value.top.slice(0, MAX_TOP).map((entry) => ({
      classId: entry.classId,
      name: clip(entry.className),
      posterior: entry.posterior,
    }));
    const scores = { posterior, top, margin, logLikelihood, logEvidence, disagreement };
    const work = { orders, rows, rounds, pruned, ruledOut };
    return { kind: 'classified', classId, name: clip(className), ...scores, ...work, statistic };
  }
  if (outcome.case === 'expired') return { kind: 'expired', maxAgeMs: Number(outcome.value.maxAgeMs) };
  const { code = '', message = '', stage = '' } = outcome.value ?? {};
  return { kind: 'failed', code: clip(code), message: clip(message), stage: clip(stage) };
}

/** The attribute `truth`: a class id, the name of a class, or `none`. Other values say nothing of the classes. */
function truthOf(value: string | undefined, classes: readonly string[]): Truth | undefined {
  if (value === undefined) return undefined;
  if (value === 'none') return { classId: null, name: 'none of the classes' };
  const classId = /^\d+$/.test(value) ? Number(value) : classes.indexOf(value);
  const name = classes[classId];
  return name === undefined ? undefined : { classId, name };
}

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
