import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type LabelView, labelView } from '../../src/cli/label-view.ts';
import { logRecord } from '../support/records.ts';

interface GoldenRecord {
  headers: Record<string, string>;
  /** Hexadecimal. */
  value: string;
}

type Row = Record<string, string | number | null>;

/** Made by label.golden.py, which runs docs/examples/read_labels.py; run by hand. */
const golden: { sha256: string; records: GoldenRecord[]; rows: Row[] } = JSON.parse(
  readFileSync(new URL('label.golden.json', import.meta.url), 'utf8'),
);

describe('the Python example that reads labels', () => {
  it('is the one that made the golden rows', () => {
    const example = readFileSync(new URL('../../docs/examples/read_labels.py', import.meta.url));
    assert.equal(createHash('sha256').update(example).digest('hex'), golden.sha256, 'run label.golden.py');
  });

  it('keeps of each image what ordo labels says of its last outcome', () => {
    const labels = golden.records.filter(({ headers }) => headers['ce_type'] === 'ordo.label.v1');
    assert.ok(labels.length < golden.records.length);
    const rows = new Map(labels.map((record) => [JSON.stringify(identityOf(record)), rowOf(record)]));
    assert.ok(rows.size < labels.length);
    const ordered = [...rows.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    assert.deepEqual(golden.rows, ordered);
  });
});

function identityOf({ headers }: GoldenRecord) {
  return { ce_source: headers['ce_source'] ?? '', ce_id: headers['ce_id'] ?? '' };
}

function keyOf({ ce_source, ce_id }: Row): string {
  return JSON.stringify([ce_source, ce_id]);
}

function rowOf(record: GoldenRecord): Row {
  const view = labelView(logRecord({ headers: record.headers, value: Buffer.from(record.value, 'hex') }));
  const { source, id, stream, capturedAt, outcome } = view;
  return {
    ...identityOf(record),
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
