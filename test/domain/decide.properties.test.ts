import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decide, followsPlan } from '../../src/domain/decide.ts';
import { NAT } from '../../src/domain/evidence.ts';
import type { DecisionRule, FixedPlan, Round, RoundEvidence, StagedPlan } from '../../src/domain/types.ts';
import { read, type Reading, replay, tables } from './replay.ts';

const MAX_ORDERS = 5;
const MAX_SCREENS = 2;

interface Problem {
  classes: number;
  reading: Reading;
  priors: number[];
}

/** 2 to 6 classes whose log-likelihoods spread over a few nats, so that plans drop some and keep others. */
const problem: fc.Arbitrary<Problem> = fc.integer({ min: 2, max: 6 }).chain((classes) => {
  const row = fc
    .array(fc.integer({ min: -6 * NAT, max: 0 }), { minLength: classes, maxLength: classes })
    .map((units) => units.map((value) => value / NAT - 100));
  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: classes, maxLength: classes });
  return fc
    .record({
      screen: row,
      full: fc.array(row, { minLength: MAX_ORDERS + MAX_SCREENS, maxLength: MAX_ORDERS + MAX_SCREENS }),
      weights,
    })
    .map(({ screen, full, weights: shares }) => {
      const sum = shares.reduce((total, share) => total + share, 0);
      return { classes, reading: tables(screen, full), priors: shares.map((share) => share / sum) };
    });
});

const stagedPlan: fc.Arbitrary<StagedPlan> = fc.record({
  kind: fc.constant('staged'),
  screens: fc
    .array(
      fc.record(
        {
          prefix: fc.constantFrom(8, 16),
          keep: fc.integer({ min: 1, max: 7 }),
          within: fc.double({ min: 0, max: 6, noNaN: true }),
        },
        { requiredKeys: ['prefix', 'keep'] },
      ),
      { minLength: 1, maxLength: MAX_SCREENS },
    )
    .map((screens) => screens.toSorted((a, b) => a.prefix - b.prefix)),
  prefix: fc.constant(16),
  maxOrders: fc.integer({ min: 1, max: MAX_ORDERS }),
  ordersPerRound: fc.integer({ min: 1, max: 3 }),
  bound: fc.record({
    errors: fc.double({ min: 0, max: 3, noNaN: true }),
    floor: fc.double({ min: 0, max: 6, noNaN: true }),
  }),
});

const fixedPlan: fc.Arbitrary<FixedPlan> = fc.record({
  kind: fc.constant('fixed'),
  orders: fc.integer({ min: 1, max: MAX_ORDERS }),
  prefix: fc.constant(16),
});

function ruleOf(plan: fc.Arbitrary<StagedPlan | FixedPlan>): fc.Arbitrary<DecisionRule> {
  return fc.record({
    plan,
    statistic: fc.constantFrom('mean-log-likelihood', 'mean-posterior', 'log-mean-exp'),
    temperature: fc.constantFrom(0.5, 1, 3),
    top: fc.integer({ min: 1, max: 6 }),
  });
}

const anyRule = ruleOf(fc.oneof(fixedPlan, stagedPlan));
const play = (rule: DecisionRule, { classes, reading, priors }: Problem) =>
  replay({ ...rule, priors }, classes, reading);

describe('any decision', () => {
  it('has posteriors that sum to 1, the label having the largest', () => {
    fc.assert(
      fc.property(anyRule, problem, (rule, given) => {
        const { posteriors, classId, posterior, margin } = play(rule, given).decision;
        assert.equal(posteriors.length, given.classes);
        assert.ok(Math.abs(posteriors.reduce((sum, value) => sum + value, 0) - 1) < 1e-12);
        assert.equal(posterior, Math.max(...posteriors));
        assert.equal(posteriors[classId], posterior);
        assert.ok(margin >= 0);
      }),
    );
  });

  it('is the same for the same evidence', () => {
    fc.assert(
      fc.property(anyRule, problem, (rule, given) => {
        const { decision, evidence } = play(rule, given);
        const copy = structuredClone(evidence);
        assert.deepEqual(decide({ ...rule, priors: given.priors }, given.classes, copy), {
          kind: 'decision',
          decision,
        });
        assert.deepEqual(copy, evidence, 'evidence is not written to');
      }),
    );
  });

  it('lists classes by posterior, no dropped class before a survivor', () => {
    fc.assert(
      fc.property(anyRule, problem, (rule, given) => {
        const { decision, evidence } = play({ ...rule, top: given.classes }, given);
        const survivors = evidence.at(-1)!.round.classes;
        const listed = decision.top.map(({ classId }) => classId);
        assert.deepEqual(new Set(listed.slice(0, survivors.length)), new Set(survivors));
        assert.equal(new Set(listed).size, given.classes);
        const posteriors = decision.top.map(({ posterior }) => posterior);
        assert.deepEqual(
          posteriors.toSorted((a, b) => b - a),
          posteriors,
        );
        assert.equal(decision.pruned, given.classes - survivors.length);
      }),
    );
  });

  it('has a margin that is the log odds of its first two classes', () => {
    fc.assert(
      fc.property(anyRule, problem, (rule, given) => {
        const { margin, top } = play({ ...rule, top: 2 }, given).decision;
        assert.ok(Math.abs(margin - Math.log(top[0]!.posterior / top[1]!.posterior)) < 1e-9);
      }),
    );
  });
});

describe('a staged plan', () => {
  it('names the class that the fixed plan names on the same orders when it never drops one', () => {
    fc.assert(
      fc.property(ruleOf(stagedPlan), problem, (rule, given) => {
        assert.ok(rule.plan.kind === 'staged');
        const { maxOrders } = rule.plan;
        const keepAll = { screens: [{ prefix: 16, keep: given.classes }], bound: { errors: 0, floor: Infinity } };
        const staged = play({ ...rule, plan: { ...rule.plan, ...keepAll } }, given).decision;
        const fixed = play({ ...rule, plan: { kind: 'fixed', orders: maxOrders, prefix: 16 } }, given).decision;
        assert.deepEqual({ ...staged, rounds: 1 }, fixed);
      }),
    );
  });

  it('ends, within its orders, reading each order once and no class after it was dropped', () => {
    fc.assert(
      fc.property(ruleOf(stagedPlan), problem, (rule, given) => {
        assert.ok(rule.plan.kind === 'staged');
        const { evidence } = play(rule, given);
        const rounds = evidence.map(({ round }) => round);
        const full = rounds.filter(({ prefix }) => prefix === 16);
        assert.ok(full.reduce((sum, { orders }) => sum + orders, 0) <= rule.plan.maxOrders);
        rounds.slice(1).forEach((round, i) => {
          const before: Round = rounds[i]!;
          assert.equal(round.firstOrder, before.firstOrder + before.orders);
          assert.ok(round.classes.every((classId) => before.classes.includes(classId)));
          assert.ok(round.classes.length >= 2);
        });
      }),
    );
  });

  it('never drops the leader', () => {
    fc.assert(
      fc.property(ruleOf(stagedPlan), problem, (rule, given) => {
        const { evidence } = play(rule, given);
        evidence.slice(1).forEach(({ round }, i) => {
          const { classes, prefix } = evidence[i]!.round;
          const same = evidence.slice(0, i + 1).filter((entry) => entry.round.prefix === prefix);
          assert.ok(round.classes.includes(leaderOf(rule, given, same, classes)));
        });
      }),
    );
  });
});

/** The label of a fixed plan over the orders of the rounds, with the classes taken for all there are. */
function leaderOf(rule: DecisionRule, given: Problem, rounds: RoundEvidence[], classes: readonly number[]): number {
  const read16 = rounds.flatMap(({ round }) => Array.from({ length: round.orders }, (_, k) => round.firstOrder + k));
  const prefix = rounds[0]!.round.prefix;
  const total = classes.reduce((sum, classId) => sum + given.priors[classId]!, 0);
  const narrowed: Problem = {
    classes: classes.length,
    reading: (order, _prefix, column) => given.reading(read16[order]!, prefix, classes[column]!),
    priors: classes.map((classId) => given.priors[classId]! / total),
  };
  const plan: FixedPlan = { kind: 'fixed', orders: read16.length, prefix };
  return classes[play({ ...rule, plan }, narrowed).decision.classId]!;
}

describe('evidence follows the plan', () => {
  it('as long as it is what the plan asked for', () => {
    fc.assert(
      fc.property(anyRule, problem, (rule, given) => {
        const { evidence } = play(rule, given);
        const priors = { ...rule, priors: given.priors };
        for (let rounds = 0; rounds <= evidence.length; rounds++) {
          assert.ok(followsPlan(priors, given.classes, evidence.slice(0, rounds)));
        }
      }),
    );
  });

  const changes: [string, (round: Round) => Partial<Round>][] = [
    ['another index', ({ index }) => ({ index: index + 1 })],
    ['other orders', ({ firstOrder }) => ({ firstOrder: firstOrder + 1 })],
    ['more orders', ({ orders }) => ({ orders: orders + 1 })],
    ['another prefix', ({ prefix }) => ({ prefix: 24 - prefix })],
    ['a class less', ({ classes }) => ({ classes: classes.slice(1) })],
    ['a class more', ({ classes }) => ({ classes: [...classes, classes.at(-1)! + 1] })],
    ['a class twice', ({ classes }) => ({ classes: [...classes.slice(1), ...classes.slice(-1)] })],
  ];
  for (const [name, change] of changes) {
    it(`no longer when a round has ${name}`, () => {
      fc.assert(
        fc.property(anyRule, problem, fc.nat(), (rule, given, pick) => {
          const { evidence } = play(rule, given);
          const at = pick % evidence.length;
          const { round } = evidence[at]!;
          const changed: Round = { ...round, ...change(round) };
          const zeros = new Int32Array(changed.orders * changed.classes.length);
          const forged = evidence.with(at, { round: changed, logLikelihoods: zeros });
          assert.equal(followsPlan({ ...rule, priors: given.priors }, given.classes, forged), false);
        }),
      );
    });
  }

  it('no longer when a round comes after the decision', () => {
    fc.assert(
      fc.property(anyRule, problem, (rule, given) => {
        const { evidence } = play(rule, given);
        const { round } = evidence.at(-1)!;
        const extra = read({ ...round, index: round.index + 1, firstOrder: 0, orders: 1 }, given.reading);
        assert.equal(followsPlan({ ...rule, priors: given.priors }, given.classes, [...evidence, extra]), false);
      }),
    );
  });

  it('no longer when the model has more classes', () => {
    fc.assert(
      fc.property(anyRule, problem, (rule, given) => {
        const { evidence } = replay(rule, given.classes, given.reading);
        assert.equal(followsPlan(rule, given.classes + 1, evidence), false);
      }),
    );
  });
});
