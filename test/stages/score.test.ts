import assert from 'node:assert/strict';
import { orderOf } from '../../src/domain/orders.ts';
import type { Plan } from '../../src/domain/types.ts';
import { OrdoError } from '../../src/errors.ts';
import { profileFingerprint } from '../../src/ports/profile.ts';
import type { RoundRequest } from '../../src/ports/scorer.ts';
import type { ScoreTask } from '../../src/records/gen/ordo/v1/records_pb.js';
import { decodeEvidence, decodeLabel, encodeTask } from '../../src/stages/codec.ts';
import { firstTask } from '../../src/stages/restart.ts';
import { scoreStage } from '../../src/stages/score.ts';
import { newState } from '../../src/stages/state.ts';
import { logRecord } from '../support/records.ts';
import { IMAGE, MODEL, PROFILE, received, stageContext, stubScorer } from '../support/stages.ts';

const context = stageContext();
const fresh = () => firstTask(context, newState(IMAGE, MODEL, { tokens: Uint16Array.from([1, 2, 3, 4]) }));
const sent = (task: ScoreTask) => received('tasks', encodeTask(task));

describe('scoreStage', () => {
  it("adds the round's evidence and the profile it was computed under", async () => {
    const [record] = await scoreStage(context, stubScorer()).handle(sent(fresh()));
    assert.equal(record?.topic, 'evidence');
    const { state } = decodeEvidence(logRecord(record));
    assert.equal(state?.profile, profileFingerprint(PROFILE));
    assert.deepEqual(state?.evidence[0]?.logLikelihoods, [0, -40960, -81920]);
    assert.equal(state?.evidence[0]?.round?.prefix, 2);
  });

  it("reads the image's own orders, later rounds on from where earlier ones ended", async () => {
    const requests: RoundRequest[] = [];
    const scorer = stubScorer();
    const watched = {
      ...scorer,
      scoreRound: (it: RoundRequest) => scorer.scoreRound(requests[requests.push(it) - 1] ?? it),
    };
    const task = fresh();
    await scoreStage(context, watched).handle(sent({ ...task, round: { ...task.round!, firstOrder: 3, orders: 2 } }));
    const expected = [3, 4].map((k) => orderOf(MODEL.digest, IMAGE.digest, k, 4));
    assert.deepEqual(requests[0]?.orders, expected);
  });

  it('starts an image again that was begun under another profile', async () => {
    const begun = fresh();
    const [first] = await scoreStage(context, stubScorer()).handle(sent(begun));
    const state = decodeEvidence(logRecord(first)).state!;
    const second = { ...begun, state, round: { ...begun.round!, index: 1, firstOrder: 1, prefix: 4, classes: [0, 1] } };
    const other = stubScorer({ ...PROFILE, cpu: 'another' });
    const [record] = await scoreStage(context, other).handle(sent(second));
    const restarted = decodeEvidence(logRecord(record)).state;
    assert.equal(restarted?.evidence.length, 1);
    assert.equal(restarted?.evidence[0]?.round?.index, 0);
    assert.notEqual(restarted?.profile, state.profile);
  });

  it('waits for another process when the task is for another model', async () => {
    const task = fresh();
    const foreign = { ...task, state: { ...task.state!, model: new Uint8Array(32).fill(9) } };
    await assert.rejects(scoreStage(context, stubScorer()).handle(sent(foreign)), { code: 'MODEL_MISMATCH' });
  });

  it('waits with a task that another model of other classes began under another profile, and begins nothing of it', async () => {
    const staged = { kind: 'staged', propose: { keep: 2 } } as const;
    const proposing = stageContext({ rule: { ...context.rule, plan: { ...context.rule.plan, ...staged } as Plan } });
    const task = fresh();
    const state = { ...task.state!, model: new Uint8Array(32).fill(9), profile: 'another', proposal: [0, -1] };
    await assert.rejects(scoreStage(proposing, stubScorer()).handle(sent({ ...task, state })), {
      code: 'MODEL_MISMATCH',
    });
  });

  for (const [what, change] of Object.entries<(task: ScoreTask) => unknown>({
    'tokens outside the vocabulary': (task) => task.state!.tokens.fill(255),
    'too few tokens': (task) => Object.assign(task.state!, { tokens: new Uint8Array(2) }),
    'no image': (task) => Object.assign(task.state!, { image: undefined }),
    'no state': (task) => Object.assign(task, { state: undefined }),
    'no round': (task) => Object.assign(task, { round: undefined }),
    'a class that does not exist': (task) => Object.assign(task.round!, { classes: [0, 3] }),
    'a prefix longer than the image': (task) => Object.assign(task.round!, { prefix: 5 }),
    'billions of orders': (task) => Object.assign(task.round!, { orders: 4_000_000_000 }),
    'a digest cut short': (task) => Object.assign(task.state!.image!, { digest: new Uint8Array(3) }),
  })) {
    it(`refuses a task with ${what}`, async () => {
      const task = structuredClone(fresh());
      change(task);
      await assert.rejects(scoreStage(context, stubScorer()).handle(sent(task)), { code: 'RECORD_INVALID' });
    });
  }

  it('names the image of a task that cannot be read as its headers do', () => {
    const { key, ...task } = sent(fresh());
    const label = (ceId: string) => {
      const record = { ...task, key, headers: { ...task.headers, ce_id: ceId }, value: new Uint8Array([255]) };
      const outputs = scoreStage(context, stubScorer()).giveUp(record, new OrdoError('RECORD_INVALID', 'what is this'));
      return decodeLabel(logRecord(outputs[1])).image;
    };
    for (const [ceId, id] of Object.entries({
      '1/task:0': '1',
      'a/task:7/task:12': 'a/task:7',
      '1/evidence:3': '1',
      '1/task:x': '1/task:x',
      '/task:0': '0:0',
    })) {
      assert.equal(label(ceId)?.id, id, ceId);
    }
    assert.equal(label('1/task:0')?.source, 'urn:test');
  });

  it('lets an image expire between rounds', async () => {
    const aged = stageContext({ maxAgeMs: 10 });
    const [record] = await scoreStage(aged, stubScorer()).handle(sent(fresh()));
    assert.equal(decodeLabel(logRecord(record)).outcome.case, 'expired');
  });

  it('reads later rounds first', () => {
    assert.deepEqual(scoreStage(context, stubScorer()).inputs, ['tasks.next', 'tasks']);
  });
});
