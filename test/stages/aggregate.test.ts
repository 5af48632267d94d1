import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import type { StagedPlan } from '../../src/domain/types.ts';
import { OrdoError } from '../../src/errors.ts';
import type { NewRecord } from '../../src/ports/log.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { EvidenceSchema } from '../../src/records/gen/ordo/v1/records_pb.js';
import { aggregateStage } from '../../src/stages/aggregate.ts';
import { decodeEvidence, decodeLabel, decodeTask, encodeEvidence, encodeTask } from '../../src/stages/codec.ts';
import { firstTask } from '../../src/stages/restart.ts';
import { scoreStage } from '../../src/stages/score.ts';
import { newState } from '../../src/stages/state.ts';
import { logRecord } from '../support/records.ts';
import { IMAGE, MODEL, received, stageContext, stubScorer } from '../support/stages.ts';

const context = stageContext();
const staged = context.rule.plan as StagedPlan;
const score = scoreStage(context, stubScorer());
const aggregate = aggregateStage(context);
const first = () =>
  received('tasks', encodeTask(firstTask(context, newState(IMAGE, MODEL, { tokens: new Uint16Array(4) }))));

async function scored(record: NewRecord | undefined) {
  const [evidence] = await score.handle(logRecord(record));
  return logRecord(evidence);
}

describe('aggregateStage', () => {
  it('asks for another round while more than one class stands', async () => {
    const [record] = await aggregate.handle(await scored(first()));
    assert.equal(record?.topic, 'tasks.next');
    const { round, state } = decodeTask(logRecord(record));
    assert.deepEqual([round?.index, round?.firstOrder, round?.prefix], [1, 1, 4]);
    assert.equal(state?.evidence.length, 1);
  });

  it('publishes the label once the margin is sure', async () => {
    const [next] = await aggregate.handle(await scored(first()));
    const [record] = await aggregate.handle(await scored(next));
    assert.equal(record?.topic, 'labels');
    const label = decodeLabel(logRecord(record));
    assert.ok(label.outcome.case === 'classified');
    assert.deepEqual([label.outcome.value.classId, label.outcome.value.className], [0, 'a']);
    assert.equal(label.outcome.value.statistic, 'mean-log-likelihood');
    assert.equal(label.image?.id, '1');
    assert.deepEqual(label.model, MODEL.digest);
    assert.notEqual(label.profile, '');
  });

  it('gives the same bytes for the same evidence', async () => {
    const evidence = await scored(first());
    assert.deepEqual(await aggregate.handle(evidence), await aggregate.handle(evidence));
  });

  it('counts outcomes and their age once they are on the log', async () => {
    const counted: unknown[] = [];
    const telemetry: Telemetry = {
      ...context.telemetry,
      count: (metric, labels) => counted.push([metric, labels]),
      observe: (metric, labels, value) => metric === 'ordo_image_seconds' && counted.push([metric, labels, value]),
    };
    const [next] = await aggregate.handle(await scored(first()));
    const stage = aggregateStage({ ...context, telemetry });
    await stage.handle(await scored(next));
    const outputs = await stage.handle(await scored(next));
    assert.deepEqual(counted, []);
    stage.onCommitted?.(outputs);
    const labels = { outcome: 'classified' };
    assert.deepEqual(counted, [
      ['ordo_images_total', labels],
      ['ordo_image_seconds', labels, 1],
    ]);
  });

  it('measures log p(x) by the token, for as many tokens as the label rests on', async () => {
    const measured: unknown[] = [];
    const telemetry: Telemetry = {
      ...context.telemetry,
      observe: (metric, labels, value) =>
        metric === 'ordo_image_log_evidence_nats_per_token' && measured.push({ ...labels, nats: value }),
    };
    const stage = aggregateStage({ ...context, telemetry });
    const [next] = await stage.handle(await scored(first()));
    const [record] = await stage.handle(await scored(next));
    const { outcome } = decodeLabel(logRecord(record));
    assert.ok(outcome.case === 'classified');
    assert.deepEqual(measured, [{ prefix: '4', nats: outcome.value.logEvidence / 4 }]);
  });

  it('reads no more orders than the state allows, and says so on the label', async () => {
    const never = { ...context.rule.plan, bound: { errors: 0, floor: Infinity } };
    const patient = stageContext({ rule: { ...context.rule, plan: never } });
    const stage = aggregateStage(patient);
    const state = newState(IMAGE, MODEL, { tokens: new Uint16Array(4), maxOrders: 1 });
    const begun = received('tasks', encodeTask(firstTask(patient, state)));
    const [next] = await stage.handle(await scored(begun));
    assert.equal(next?.topic, 'tasks.next');
    const [record] = await stage.handle(await scored(next));
    const { outcome } = decodeLabel(logRecord(record));
    assert.ok(outcome.case === 'classified');
    assert.deepEqual([outcome.value.orders, outcome.value.maxOrders], [2, 1], 'a screen, and one of two whole orders');
  });

  it('reads only the classes that the proposal leaves, and says how many it ruled out', async () => {
    const proposing = stageContext({
      rule: { ...context.rule, plan: { ...staged, screens: [], propose: { keep: 2 } } },
    });
    const state = newState(IMAGE, MODEL, { tokens: new Uint16Array(4), proposal: Int32Array.of(-9, -2, -1) });
    const begun = received('tasks', encodeTask(firstTask(proposing, state)));
    assert.deepEqual(decodeTask(begun).round?.classes, [1, 2]);
    const evidence = await scored(begun);
    const [record] = await aggregateStage(proposing).handle(evidence);
    assert.equal(record?.topic, 'labels', 'one of the two is far behind');
    const { outcome } = decodeLabel(logRecord(record));
    assert.ok(outcome.case === 'classified');
    assert.deepEqual([outcome.value.classId, outcome.value.ruledOut, outcome.value.rows], [1, 1, 2]);
    const [again] = await aggregateStage(context).handle(evidence);
    assert.deepEqual(decodeTask(logRecord(again)).round?.classes, [0, 1, 2], 'begun again where the plan has none');
  });

  it('refuses a proposal for another number of classes', async () => {
    const state = newState(IMAGE, MODEL, { tokens: new Uint16Array(4), proposal: new Int32Array(2) });
    const record = received('evidence', encodeEvidence(create(EvidenceSchema, { state })));
    await assert.rejects(aggregate.handle(record), { code: 'RECORD_INVALID', message: /proposal for 3 classes/ });
  });

  it('starts an image again whose rounds do not follow from the plan', async () => {
    const evidence = await scored(first());
    const other = stageContext({ rule: { ...context.rule, plan: { kind: 'fixed', orders: 2, prefix: 4 } } });
    const [record] = await aggregateStage(other).handle(evidence);
    assert.equal(record?.topic, 'tasks');
    const task = decodeTask(logRecord(record));
    assert.deepEqual([task.state?.evidence, task.state?.profile, task.round?.orders], [[], '', 2]);
  });

  it('refuses evidence with log-likelihoods missing', async () => {
    const { state } = decodeEvidence(await scored(first()));
    state!.evidence[0]!.logLikelihoods.pop();
    const record = received('evidence', encodeEvidence({ $typeName: 'ordo.v1.Evidence', state: state! }));
    await assert.rejects(aggregate.handle(record), { code: 'RECORD_INVALID' });
  });

  it('names the image of evidence that it gives up', async () => {
    const evidence = await scored(first());
    const error = await aggregate.handle(logRecord({ ...evidence, value: new Uint8Array([255]) })).catch((it) => it);
    const outputs = aggregate.giveUp(evidence, error);
    assert.equal(decodeLabel(logRecord(outputs[1])).image?.id, '1');
  });

  it('names the image of evidence that cannot be read as its headers do', async () => {
    const evidence = { ...(await scored(first())), value: new Uint8Array([255]) };
    const [, label] = aggregate.giveUp(evidence, new OrdoError('RECORD_INVALID', 'what is this'));
    assert.deepEqual([evidence.headers['ce_id'], label?.headers['ce_id']], ['1/evidence:1', '1/label']);
  });
});
