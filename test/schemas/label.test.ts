import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type LabelView, labelView } from '../../src/cli/label-view.ts';
import { logRecord } from '../support/records.ts';

interface GoldenRecord {
  topic: string;
  headers: Record<string, string>;
  /** Hexadecimal. */
  value: string;
}

type Row = Record<string, string | number | null>;

/** Made by label.golden.py, which runs docs/examples/read_labels.py; run by hand. */
const golden: { sha256: string; records: GoldenRecord[]; rows: Row[] } = JSON.parse(
  readFileSync(new URL('label.golden.json', import.meta.url), 'utf8'),
);

const labels = golden.records.filter(({ headers }) => headers['ce_type'] === 'ordo.label.v1');
const unknown = labels.filter((record) => !isKnown(record));
const said = labels.filter(isKnown).map(rowOf);

describe('the Python example that reads labels', () => {
  it('is the one that made the golden rows', () => {
    const example = readFileSync(new URL('../../docs/examples/read_labels.py', import.meta.url));
    assert.equal(createHash('sha256').update(example).digest('hex'), golden.sha256, 'run label.golden.py');
  });

  it('keeps of each image what ordo labels says of its last label, or else of its last outcome', () => {
    assert.ok(labels.length < golden.records.length);
    const rows = new Map<string, Row>();
    for (const row of said) {
      const kept = rows.get(keyOf(row));
      if (row['outcome'] === 'classified' || kept?.['outcome'] !== 'classified') rows.set(keyOf(row), row);
    }
    assert.ok(rows.size < said.length);
    const ordered = [...rows.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    assert.deepEqual(golden.rows, ordered);
  });

  it('keeps a label though the image expires or fails when it is read again', () => {
    const outcomes = (rows: readonly Row[], id: string) =>
      rows.filter((row) => row['topic'] === 'gate.labels' && row['image_id'] === id).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes(said, '17'), ['classified', 'classified', 'expired']);
    assert.deepEqual(outcomes(said, '18'), ['expired', 'classified', 'failed', 'classified']);
    for (const id of ['17', '18']) assert.deepEqual(outcomes(golden.rows, id), ['classified']);
  });

  it('keeps apart what two pipelines say of one image', () => {
    const rows = golden.rows.filter((row) => row['ce_id'] === '17/label');
    assert.deepEqual(
      rows.map(({ topic, outcome }) => [topic, outcome]),
      [
        ['gate-2.labels', 'failed'],
        ['gate.labels', 'classified'],
      ],
    );
  });

  it('leaves out an outcome that neither it nor ordo labels knows', () => {
    assert.equal(unknown.length, 1);
    const ids = unknown.map(({ headers }) => headers['ce_id']);
    assert.deepEqual(
      golden.rows.filter((row) => ids.includes(String(row['ce_id']))),
      [],
    );
  });
});

function keyOf({ topic, ce_source, ce_id }: Row): string {
  return JSON.stringify([topic, ce_source, ce_id]);
}

function viewOf({ headers, value }: GoldenRecord): LabelView {
  return labelView(logRecord({ headers, value: Buffer.from(value, 'hex') }));
}

function isKnown(record: GoldenRecord): boolean {
  try {
    viewOf(record);
    return true;
  } catch {
    return false;
  }
}

function rowOf(record: GoldenRecord): Row {
  const view = viewOf(record);
  const { source, id, stream, capturedAt, outcome } = view;
  return {
    topic: record.topic,
    ce_source: record.headers['ce_source'] ?? '',
    ce_id: record.headers['ce_id'] ?? '',
    image_source: source,
    image_id: id,
    stream,
    captured_at_ms: Date.parse(capturedAt),
    outcome,
    class_id: null,
    class_name: null,
    posterior: null,
    log_evidence: null,
    profile: null,
    code: null,
    message: null,
    max_age_ms: null,
    ...outcomeColumns(view),
  };
}

function outcomeColumns(view: LabelView): Row {
  if (view.outcome === 'failed') return { code: view.error.code, message: view.error.message };
  if (view.outcome === 'expired') return { max_age_ms: view.maxAgeMs };
  const { label, posterior, logEvidence, profile } = view;
  return { class_id: label.id, class_name: label.name, posterior, log_evidence: logEvidence, profile };
}
