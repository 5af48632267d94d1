import { parseDocument } from 'yaml';
import type { Calibrated } from './calibrate.ts';

/** The text of a pipeline file with this plan and temperature in it, the plan under these lines of comment; all else stays. */
export function setDecision(text: string, { plan, temperature }: Calibrated, comment: readonly string[]): string {
  const document = parseDocument(text);
  document.setIn(['decision', 'temperature'], temperature);
  const flow = (value: unknown) => document.createNode(value, { flow: true });
  const node = document.createNode({ ...plan, screens: flow(plan.screens), bound: flow(plan.bound) });
  node.commentBefore = comment.map((line) => ` ${line}`).join('\n');
  document.setIn(['decision', 'plan'], node);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
