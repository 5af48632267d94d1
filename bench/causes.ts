/**
 * Where a staged plan's savings come from: plans between the whole reading and the shipped one, replayed on evidence:
 *   node bin/node24.js bench/causes.ts --evidence CLEAN.evidence [--spoiled SPOILED.evidence] [--pipeline FILE]
 * Each line takes one more cause away from the whole reading of all recorded orders. Stopping alone is counted as the
 * orders that the pruned plan read, each over all classes. `rows` are rows an image, `rowEquivalents` the tokens read in
 * whole rows. The result is written to bench/results/causes.json.
 */
import { parseArgs } from 'node:util';
import { loadReadings } from '../src/app/evidence/readings.ts';
import { loadPipeline } from '../src/app/load-pipeline.ts';
import { loadPipelineModel } from '../src/app/model.ts';
import { type LabelledReadings, measure } from '../src/domain/plan-search.ts';
import { replay } from '../src/domain/replay.ts';
import type { DecisionRule, Plan, StagedPlan } from '../src/domain/types.ts';
import { EVIDENCE_OPTIONS, requireEvidence } from './processes/evidence.ts';
import { writeResult } from './processes/results.ts';

const { values } = parseArgs({ options: EVIDENCE_OPTIONS });
const evidence = requireEvidence(values.evidence);
const spec = await loadPipeline(values.pipeline);
const model = await loadPipelineModel(spec);
const rule = spec.decision;
if (rule.plan.kind !== 'staged') throw new Error('the plan of the pipeline is not staged');
const { positions } = model.manifest.tokens;
const classes = model.manifest.classes.length;
const read = (path: string) => loadReadings([path], model, rule);

/** The plan without short screens, but pruned after every order by the shipped bound. */
function pruned({ maxOrders, bound }: StagedPlan): StagedPlan {
  return { kind: 'staged', screens: [], prefix: positions, maxOrders, ordersPerRound: 1, bound };
}

function linesOf(images: readonly LabelledReadings[], shipped: StagedPlan) {
  const orders = images[0]?.readings.orders ?? 0;
  const { propose: _, ...unproposed } = shipped;
  const line = (name: string, plan: Plan) => {
    const { accuracy, rows, tokens } = measure(images, rule, plan);
    return { name, accuracy, rows, rowEquivalents: tokens / positions };
  };
  const plain = pruned(shipped);
  const stopped = meanOrders(images, { ...rule, plan: plain }) * classes;
  return [
    line(`all ${orders} orders, all classes, whole`, { kind: 'fixed', orders, prefix: positions }),
    line('as many orders as the plan has at most', { kind: 'fixed', orders: shipped.maxOrders, prefix: positions }),
    { ...line('stopping: orders until one class stands', plain), rows: stopped, rowEquivalents: stopped },
    line('pruning: only classes that stand', plain),
    ...(shipped.propose ? [line('prefixes: short first orders', withScreen(unproposed))] : []),
    line(shipped.propose ? 'the proposer: the shipped plan' : 'prefixes: the shipped plan', shipped),
  ];
}

/** A plan that has no proposer needs a screen for the whole list of classes. */
function withScreen(plan: StagedPlan): StagedPlan {
  return plan.screens.length > 0
    ? plan
    : { ...plan, screens: [{ prefix: Math.min(16, plan.prefix), keep: 24, within: 16 }] };
}

function meanOrders(images: readonly LabelledReadings[], of: DecisionRule): number {
  return images.reduce((sum, { readings }) => sum + replay(of, readings).decision.orders, 0) / images.length;
}

/** Mean rows of an image by prefix length. */
function rowsByPrefix(images: readonly LabelledReadings[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { readings } of images) {
    for (const { prefix, rows } of replay(rule, readings).rounds) {
      found[prefix] = (found[prefix] ?? 0) + rows / images.length;
    }
  }
  return found;
}

const clean = await read(evidence);
await writeResult('causes', {
  images: clean.length,
  shipped: { plan: rule.plan, rowsByPrefix: rowsByPrefix(clean) },
  clean: linesOf(clean, rule.plan),
  ...(values.spoiled !== undefined && { spoiled: linesOf(await read(values.spoiled), rule.plan) }),
});
