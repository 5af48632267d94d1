import { readFile } from 'node:fs/promises';
import { loadModel, type Model } from '../adapters/onnx/model.ts';
import { prefixesOf } from '../domain/rounds.ts';
import { checkRule } from '../domain/rule.ts';
import type { DecisionRule } from '../domain/types.ts';
import type { ModelShape } from '../stages/state.ts';
import { LocatedYaml, type Problem } from './located-yaml.ts';
import type { PipelineSpec } from './spec.ts';

/**
 * Loads a pipeline's model and checks that the pipeline's decision fits it.
 * Errors: MODEL_NOT_FOUND, MODEL_INVALID, MODEL_DIGEST_MISMATCH, PIPELINE_INVALID.
 */
export async function loadPipelineModel(spec: PipelineSpec): Promise<Model> {
  const model = await loadModel(spec.model);
  const { classes, tokens } = model.manifest;
  const problems = checkRule(spec.decision, { classes: classes.length, positions: tokens.positions });
  if (problems.length > 0) new LocatedYaml(spec.file, await readFile(spec.file, 'utf8')).raise(problems.map(toProblem));
  return model;
}

/** A problem of a rule begins with the field it is about. */
function toProblem(text: string): Problem {
  const [field = '', ...message] = text.split(' ');
  return { path: ['decision', ...field.split('.')], message: message.join(' ') };
}

/** What the stages must know of the model. */
export function shapeOf({ digest, manifest }: Model): ModelShape {
  return {
    digest,
    classes: manifest.classes,
    positions: manifest.tokens.positions,
    codes: manifest.tokens.codes,
  };
}

/** A rule that reads `orders` whole orders over all classes, for a model of `positions` tokens. */
export function fixedRule(rule: DecisionRule, orders: number, positions: number): DecisionRule {
  return { ...rule, plan: { kind: 'fixed', orders, prefix: positions } };
}

/** Prefix lengths to try a model at, ascending: its own, half of the shortest, and those of the rule's plan. */
export function prefixesToTry({ manifest }: Model, { plan }: DecisionRule): number[] {
  const [shortest = 1] = manifest.prefixes;
  const half = Math.max(1, Math.floor(shortest / 2));
  return [...new Set([half, ...manifest.prefixes, ...prefixesOf(plan)])].toSorted((a, b) => a - b);
}
