import assert from 'node:assert/strict';
import { NAT } from '../../src/domain/evidence.ts';
import { cheapestPlan, type LabelledReadings, measure } from '../../src/domain/plan-search.ts';
import { uniform } from '../../src/domain/random.ts';
import { readingsOf } from '../../src/domain/replay.ts';
import type { DecisionRule, FixedPlan } from '../../src/domain/types.ts';

const SHAPE = { orders: 4, classes: 6, positions: 8 };
const PREFIXES = [2, 4, 8];
const rule: DecisionRule = {
  plan: { kind: 'fixed', orders: 4, prefix: 8 },
  statistic: 'mean-log-likelihood',
  temperature: 1,
  top: 1,
};
const full: FixedPlan = { kind: 'fixed', orders: 4, prefix: 8 };

/** Images whose true class is `ahead` nats a token ahead of the others, give or take noise. */
function images(count: number, ahead: number): LabelledReadings[] {
  const random = uniform(7);
  return Array.from({ length: count }, (_, index) => {
    const label = index % SHAPE.classes;
    const perToken = Float32Array.from({ length: SHAPE.orders * SHAPE.classes * SHAPE.positions }, (__, at) => {
      const classId = Math.floor(at / SHAPE.positions) % SHAPE.classes;
      return (classId === label ? ahead : 0) - 4 * random() - 1;
    });
    return { readings: readingsOf(perToken, SHAPE, PREFIXES), label, track: String(index) };
  });
}

describe('measuring a plan', () => {
  it('counts rows, tokens, and the images it labels right', () => {
    const found = measure(images(12, 9), rule, full);
    assert.deepEqual([found.accuracy, found.rows, found.tokens], [1, 24, 192]);
    assert.ok(found.right.every(Boolean));
  });

  it('counts as lost what is wrong though the reference is right, whatever it gains elsewhere', () => {
    const [sure, unsure] = [images(6, 9), images(6, -9)];
    const reference = [...sure.map(() => false), ...unsure.map((_, at) => at < 2)];
    const found = measure([...sure, ...unsure], rule, full, reference);
    assert.deepEqual([found.accuracy, found.lost], [0.5, 2 / 12]);
  });
});

describe('the cheapest plan', () => {
  it('reads little where every image is plain', () => {
    const plain = images(60, 9);
    const reference = plain.map(() => true);
    const found = cheapestPlan(plain, rule, reference, { loss: 0 });
    assert.ok(found);
    assert.equal(found.lost, 0);
    assert.equal(found.tokens, SHAPE.classes * 2, 'one order over all classes, at the shortest prefix');
  });

  it('lets a proposer narrow the classes where it is right, and does without one that is wrong', () => {
    const plain = images(12, 9);
    const reference = plain.map(() => true);
    const proposedBy = (ahead: number) =>
      plain.map((image) => ({
        ...image,
        readings: {
          ...image.readings,
          proposal: Int32Array.from({ length: SHAPE.classes }, (_, id) => (id === image.label ? ahead : 0)),
        },
      }));
    const [right, wrong] = [NAT, -NAT].map((ahead) => cheapestPlan(proposedBy(ahead), rule, reference, { loss: 0 }));
    assert.equal(right?.plan.propose?.keep, 2);
    assert.equal(right?.tokens, 2 * 2, 'two classes at the shortest prefix');
    assert.equal(wrong?.tokens, SHAPE.classes * 2);
    const lossy = cheapestPlan(proposedBy(-NAT), rule, reference, { loss: 1 });
    assert.equal(lossy?.tokens, SHAPE.classes * 2, 'it may not rule classes out, however many images may be lost');
  });

  it('loses no more than it may, and less freedom costs more', () => {
    const hard = images(120, 0.9);
    const reference = measure(hard, rule, full).right;
    const [strict, loose] = [0.01, 0.1].map((loss) => cheapestPlan(hard, rule, reference, { loss }));
    assert.ok(strict && loose);
    assert.ok(strict.lost <= 0.01 && loose.lost <= 0.1);
    assert.ok(loose.tokens < strict.tokens);
    assert.ok(strict.tokens < measure(hard, rule, full).tokens);
  });

  it('asks for no order and no prefix beyond those recorded', () => {
    const hard = images(40, 0.5);
    const tried: number[] = [];
    cheapestPlan(hard, rule, measure(hard, rule, full).right, {
      loss: 0.05,
      onTried: (plan) => {
        assert.ok(PREFIXES.includes(plan.prefix));
        tried.push(plan.screens.filter(({ prefix }) => prefix < plan.prefix).length + plan.maxOrders);
      },
    });
    assert.equal(Math.max(...tried), SHAPE.orders);
  });

  it('is found where a single order was recorded', () => {
    const one = { ...SHAPE, orders: 1 };
    const single = images(12, 9).map(({ readings: { sums }, ...image }) => {
      const first = PREFIXES.flatMap((_, place) => {
        const from = place * SHAPE.orders * SHAPE.classes;
        return [...sums.subarray(from, from + SHAPE.classes)];
      });
      const proposal = Int32Array.from({ length: SHAPE.classes }, (_, id) => (id === image.label ? NAT : 0));
      return { ...image, readings: { ...one, prefixes: PREFIXES, sums: Int32Array.from(first), proposal } };
    });
    const reference = single.map(() => true);
    const onTried = ({ maxOrders }: { maxOrders: number }) => assert.equal(maxOrders, 1);
    const found = cheapestPlan(single, { ...rule, plan: { ...full, orders: 1 } }, reference, { loss: 0.5, onTried });
    assert.equal(found?.lost, 0);
  });

  it('is none where even the most careful plan loses too much', () => {
    const hopeless = images(30, 0);
    assert.equal(
      cheapestPlan(
        hopeless,
        rule,
        hopeless.map(() => true),
        { loss: 0 },
      ),
      undefined,
    );
  });
});
