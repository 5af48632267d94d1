import assert from 'node:assert/strict';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { recordBytes } from '../../src/adapters/kafka/messages.ts';
import { loadPipeline } from '../../src/app/load-pipeline.ts';
import { topicsOf } from '../../src/app/open-log.ts';
import { EvidenceSchema, LabelSchema, ScoreTaskSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import { encodeEvidence, encodeImageEvent, encodeLabel, encodeTask } from '../../src/stages/codec.ts';
import { ROOT, text } from '../support/infra/files.ts';

const GIB = 2 ** 30;
const KAFKA = join(ROOT, 'pipelines', 'traffic-signs.kafka.yaml');

/** An image as `ordo produce` describes it, in the shapes of the shipped model. */
const described = { source: 'urn:ordo:produce:gate-3', id: '2026-01-31/frame-000123.jpg', stream: 'gate-3' };
const attributes = { path: 'photos/2026-01-31/frame-000123.jpg' };
const image = {
  ...described,
  capturedAtMs: BigInt(Date.UTC(2026, 0, 31)),
  digest: new Uint8Array(32).fill(1),
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
};
const [positions, classes] = [64, 43];
/** Nats in units of 2^-12: of a whole order and of the proposer, about. */
const [order, proposed] = [-200 * 4096, -20 * 4096];

const state = {
  image,
  model: new Uint8Array(32).fill(2),
  tokens: new Uint8Array(2 * positions),
  proposal: Array.from({ length: classes }, () => proposed),
};
const round = (index: number, orders: number, of: number) => ({
  round: { index, firstOrder: index, orders, prefix: positions, classes: Array.from({ length: of }, (_, id) => id) },
  logLikelihoods: Array.from({ length: orders * of }, () => order),
});
/** The shipped plan at its longest: one order over the 24 classes that the proposer leaves, then five over two. */
const rounds = [round(0, 1, 24), round(1, 5, 2)];
const top = Array.from({ length: 5 }, (_, classId) => ({ classId, className: 'speed limit 20 km/h', posterior: 0.2 }));
const decided = { classId: 1, className: 'speed limit 20 km/h', posterior: 0.9, top, margin: 5, logLikelihood: -200 };
const figures = {
  logEvidence: -200,
  disagreement: 0.1,
  orders: 6,
  rows: 34,
  rounds: 2,
  statistic: 'mean-log-likelihood',
};

const profile = 'f'.repeat(16);
const scored = (count: number) => ({ ...state, profile, evidence: rounds.slice(0, count) });
const records = {
  images: encodeImageEvent(
    { ...described, attributes, capturedAtMs: Number(image.capturedAtMs) },
    { inline: new Uint8Array() },
  ),
  tasks: encodeTask(create(ScoreTaskSchema, { state, round: rounds[0]!.round })),
  'tasks.next': encodeTask(create(ScoreTaskSchema, { state: scored(1), round: rounds[1]!.round })),
  evidence: encodeEvidence(create(EvidenceSchema, { state: scored(2) })),
  labels: encodeLabel(
    create(LabelSchema, {
      image,
      model: state.model,
      profile,
      outcome: { case: 'classified', value: { ...decided, ...figures } },
    }),
  ),
};

describe('what docs/operations.md says of disks', () => {
  it('holds for the shipped pipeline on Kafka', async () => {
    const spec = await loadPipeline(KAFKA, { env: {} });
    const { partitions, retention } = spec.topics;
    const most = topicsOf(spec).length * partitions * (retention.maxBytes ?? Number.NaN);
    const [, topics, each, bytes, all] =
      /(\d) topics x (\d) partitions x (\d) GiB = (\d+) GiB/.exec(await operations()) ?? [];
    assert.deepEqual(
      [topicsOf(spec).length, partitions, retention.maxBytes, most],
      [Number(topics), Number(each), Number(bytes) * GIB, Number(all) * GIB],
    );
  });

  for (const [topic, record] of Object.entries(records)) {
    it(`holds for a record of ${topic}, to a tenth`, async () => {
      const [, said] = new RegExp(`^\\| \`${topic}\` \\| .*?([\\d,]+) bytes`, 'm').exec(await operations()) ?? [];
      const bytes = recordBytes(record);
      const stated = Number(said?.replaceAll(',', ''));
      assert.ok(Math.abs(stated - bytes) <= bytes / 10, `${stated} in place of ${bytes}`);
    });
  }
});

function operations(): Promise<string> {
  return text('docs', 'operations.md');
}
