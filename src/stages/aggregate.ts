import { decide, followsPlan } from '../domain/decide.ts';
import { inputsOf } from '../domain/flow.ts';
import { ruledOut } from '../domain/proposal.ts';
import type { Decision, DecisionRule } from '../domain/types.ts';
import type { Handler } from '../ports/handler.ts';
import type { LogRecord, NewRecord } from '../ports/log.ts';
import { decodeEvidence, encodeTask, type TraceHeaders } from './codec.ts';
import type { StageContext } from './context.ts';
import { classifiedLabel, countOutcomes, expiry, failure, outcomeRecord } from './outcome.ts';
import { firstTask, taskFor } from './restart.ts';
import { type CheckedState, checkState, ruleOf } from './state.ts';
import { traced } from './traced.ts';

/**
 * evidence -> labels or tasks.next: marginalizes over the orders read so far, and either publishes the label or asks
 * for the next round. A state whose rounds do not follow from the plan (it was changed meanwhile) starts again.
 */
export function aggregateStage(context: StageContext): Handler {
  const { router, model } = context;

  function label(checked: CheckedState, decision: Decision, rule: DecisionRule, trace: TraceHeaders): NewRecord[] {
    observe(context, decision);
    const message = classifiedLabel(checked, decision, model, {
      statistic: rule.statistic,
      ruledOut: ruledOut(context.rule, rule),
    });
    return [outcomeRecord(context, message, trace)];
  }

  async function handle(record: LogRecord, trace: TraceHeaders): Promise<NewRecord[]> {
    const checked = checkState(decodeEvidence(record).state, model);
    const expired = expiry(context, checked.image, trace);
    if (expired) return expired;
    const rule = ruleOf(context.rule, model, checked.message);
    if (!followsPlan(rule, model.classes.length, checked.evidence)) {
      return [router.to('tasks', encodeTask(firstTask(context, checked.message), trace))];
    }
    const step = decide(rule, model.classes.length, checked.evidence);
    if (step.kind === 'decision') return label(checked, step.decision, rule, trace);
    return [router.to('tasksNext', encodeTask(taskFor(checked.message, step.round), trace))];
  }

  return {
    name: 'aggregate',
    inputs: inputsOf('aggregate', router.topics),
    handle: traced(context, 'aggregate', handle),
    onCommitted: (outputs) => countOutcomes(context, outputs),
    giveUp: (record, error, kept) =>
      failure(context, 'aggregate', { record, kept }, error, (it) => decodeEvidence(it).state?.image),
  };
}

function observe({ telemetry }: StageContext, { rows, orders, prefix, logEvidence, disagreement }: Decision): void {
  telemetry.observe('ordo_image_rows', {}, rows);
  telemetry.observe('ordo_image_orders', {}, orders);
  telemetry.observe('ordo_image_log_evidence_nats_per_token', { prefix: String(prefix) }, logEvidence / prefix);
  telemetry.observe('ordo_image_disagreement_ratio', {}, disagreement);
}
