import type { Model } from '../adapters/onnx/model.ts';
import { silentTelemetry } from '../adapters/telemetry/silent.ts';
import { decide } from '../domain/decide.ts';
import { ordersOf } from '../domain/orders.ts';
import { withProposal } from '../domain/proposal.ts';
import type { Decision, Round, RoundEvidence } from '../domain/types.ts';
import type { RoundScorer } from '../ports/scorer.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { TokenizedImage, Tokenizer } from '../ports/tokenizer.ts';
import { loadPipelineModel } from './model.ts';
import { Resources } from './resources.ts';
import { openScoring } from './scoring.ts';
import type { PipelineSpec } from './spec.ts';
import { openTokenizing } from './tokenizing.ts';

/** Classifies single images with a pipeline's model and rule, without a log. Labels are those of the pipeline, bit for bit. */
export interface Classifier {
  readonly model: Model;
  /** Calls may overlap. Rejects with the IMAGE_* error of a bad image. */
  classify(bytes: Uint8Array): Promise<Classification>;
  close(): Promise<void>;
}

export interface Classification {
  image: TokenizedImage;
  decision: Decision;
}

/** Opens a classifier. Errors: those of loading the model. */
export async function openClassifier(
  spec: PipelineSpec,
  telemetry: Telemetry = silentTelemetry(),
): Promise<Classifier> {
  const resources = new Resources();
  try {
    const model = await loadPipelineModel(spec);
    const tokenizer = await openTokenizing(spec, model, resources);
    const scorer = await openScoring(spec, model, telemetry, resources);
    return {
      model,
      classify: (bytes) => classify(bytes, spec, { model, tokenizer, scorer }),
      close: () => resources.close(),
    };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

interface Parts {
  model: Model;
  tokenizer: Tokenizer;
  scorer: RoundScorer;
}

async function classify(bytes: Uint8Array, { decision }: PipelineSpec, parts: Parts): Promise<Classification> {
  const image = await parts.tokenizer.tokenize(bytes);
  const classes = parts.model.manifest.classes.length;
  const rule = withProposal(decision, classes, image.proposal ?? []);
  const evidence: RoundEvidence[] = [];
  for (;;) {
    const step = decide(rule, classes, evidence);
    if (step.kind === 'decision') return { image, decision: step.decision };
    evidence.push({ round: step.round, logLikelihoods: await scoreRound(image, step.round, parts) });
  }
}

function scoreRound({ tokens, digest }: TokenizedImage, round: Round, { model, scorer }: Parts): Promise<Int32Array> {
  const orders = ordersOf(model.digest, digest, round, tokens.length);
  return scorer.scoreRound({ tokens, orders, prefix: round.prefix, classes: round.classes });
}
