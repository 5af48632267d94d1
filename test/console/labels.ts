import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type LabelView, viewLabel } from '../../src/console/label-view.ts';
import type { LogRecord } from '../../src/ports/log.ts';
import { type Label, LabelSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import { encodeLabel } from '../../src/stages/codec.ts';
import { logRecord } from '../support/records.ts';

export const CLASSES = ['circle', 'ring', 'square'];

export interface LabelFields {
  stream?: string;
  id?: string;
  truth?: string;
  capturedAtMs?: number;
  classId?: number;
  outcome?: MessageInitShape<typeof LabelSchema>['outcome'];
  posterior?: number;
  logEvidence?: number;
  orders?: number;
  rows?: number;
}

const DEFAULTS = { stream: 'camera-1', id: 'a', capturedAtMs: 1000 };
const SCORES = { classId: 0, posterior: 0.75, logEvidence: -20, orders: 2, rows: 30 };

/** A label as the aggregate stage would give it. */
export function labelOf(fields: LabelFields = {}): Label {
  const { stream, id, capturedAtMs, truth, outcome } = { ...DEFAULTS, ...fields };
  const { classId, posterior, ...rest } = { ...SCORES, ...fields };
  const className = CLASSES[classId] ?? '';
  const top = [{ classId, className, posterior }];
  const attributes = truth === undefined ? [] : [{ name: 'truth', value: truth }];
  return create(LabelSchema, {
    image: { source: 'urn:test', id, stream, capturedAtMs: BigInt(capturedAtMs), attributes },
    profile: '0123456789abcdef',
    outcome: outcome ?? { case: 'classified', value: { ...scoresOf(rest), classId, className, posterior, top } },
  });
}

const scoresOf = ({ logEvidence, orders, rows }: Pick<typeof SCORES, 'logEvidence' | 'orders' | 'rows'>) => ({
  logEvidence,
  orders,
  rows,
  margin: 1.5,
});

/** The label's record in the log. */
export function labelRecord(fields: LabelFields = {}, place: Partial<LogRecord> = {}): LogRecord {
  return logRecord({ topic: 'p.labels', timestampMs: 2000, ...encodeLabel(labelOf(fields)), ...place });
}

export function viewOf(fields: LabelFields = {}, place: Partial<LogRecord> = {}): LabelView {
  return viewLabel(labelRecord(fields, place), CLASSES);
}
