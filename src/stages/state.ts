import { create } from '@bufbuild/protobuf';
import { toHex } from '../domain/digest.ts';
import { checkEvidence } from '../domain/evidence.ts';
import { withCeiling } from '../domain/load.ts';
import { withProposal } from '../domain/proposal.ts';
import type { DecisionRule, Round, RoundEvidence } from '../domain/types.ts';
import { OrdoError } from '../errors.ts';
import {
  type ImageRef,
  type ImageState,
  ImageStateSchema,
  type Round as RoundMessage,
} from '../records/gen/ordo/v1/records_pb.js';
import { isTime } from './cloud-events.ts';

/** What a stage must know of its model to read records made for it. */
export interface ModelShape {
  /** SHA-256 of the manifest, 32 bytes. */
  digest: Uint8Array;
  classes: readonly string[];
  /** Places of the token grid, N. */
  positions: number;
  /** Size of the vocabulary, V. */
  codes: number;
}

/** An image's state, checked and in the domain's terms. */
export interface CheckedState {
  /** The state as it came. */
  message: ImageState;
  image: ImageRef;
  tokens: Uint16Array;
  profile: string;
  evidence: RoundEvidence[];
}

/** What is known of an image before any round. */
export interface Beginning {
  tokens: Uint16Array;
  /** The proposer's log-posterior of each class in units of 2^-12 nat; absent: there is no proposer. */
  proposal?: Int32Array;
  /** Most orders that may be read; 0: as many as the plan has. */
  maxOrders?: number;
}

/** A state without evidence. */
export function newState(
  image: ImageRef,
  model: ModelShape,
  { tokens, proposal = new Int32Array(), maxOrders = 0 }: Beginning,
): ImageState {
  const bytes = tokensToBytes(tokens);
  return create(ImageStateSchema, { image, model: model.digest, tokens: bytes, maxOrders, proposal: [...proposal] });
}

/** The rule for an image: the pipeline's, within the orders and the classes that its state leaves. */
export function ruleOf(rule: DecisionRule, model: ModelShape, { maxOrders, proposal }: ImageState): DecisionRule {
  return withProposal(withCeiling(rule, maxOrders), model.classes.length, proposal);
}

/**
 * Checks a state that came from the log against the model. Errors: RECORD_INVALID for what no stage would have
 * written, MODEL_MISMATCH (passing) for another model's.
 */
export function checkState(state: ImageState | undefined, model: ModelShape): CheckedState {
  if (!state?.image) throw invalid('the state of the image is missing');
  checkImage(state.image);
  if (state.image.digest.length !== 32) throw invalid('the digest of the image must have 32 bytes');
  if (!equalBytes(state.model, model.digest)) {
    const [theirs, ours] = [state.model, model.digest].map((digest) => toHex(digest).slice(0, 12));
    throw new OrdoError('MODEL_MISMATCH', `the record is for model ${theirs}, loaded is ${ours}`);
  }
  const proposed = state.proposal.length;
  if (proposed !== 0 && proposed !== model.classes.length) {
    throw invalid(`expected a proposal for ${model.classes.length} classes, got one for ${proposed}`);
  }
  const evidence = state.evidence.map((entry) => {
    const found = { round: toRound(entry.round), logLikelihoods: Int32Array.from(entry.logLikelihoods) };
    checkEvidence(found, model.classes.length, model.positions);
    return found;
  });
  return {
    message: state,
    image: state.image,
    tokens: bytesToTokens(state.tokens, model),
    profile: state.profile,
    evidence,
  };
}

/** Most characters of an image's source, id, stream and attributes together: they travel with every record of it. */
export const MOST_TEXT = 16_384;
/** Most attributes of an image, of which each has a name and a value. */
export const MOST_ATTRIBUTES = 256;

/** Checks what a producer says of an image. Errors: RECORD_INVALID. */
export function checkImage({ source, id, stream, attributes, capturedAtMs }: ImageRef): void {
  if (!isTime(Number(capturedAtMs))) throw invalid(`captured_at_ms is no time in milliseconds: ${capturedAtMs}`);
  checkTexts(
    [source, id, stream],
    attributes.map(({ name, value }) => [name, value]),
  );
}

/** Checks the texts that travel with an image, all together: its names, and its attributes' own. Errors: RECORD_INVALID. */
export function checkTexts(names: readonly string[], attributes: readonly [name: string, value: string][]): void {
  if (attributes.length > MOST_ATTRIBUTES) {
    throw invalid(`the image has ${attributes.length} attributes, at most ${MOST_ATTRIBUTES} are allowed`);
  }
  const length = [...names, ...attributes.flat()].reduce((sum, part) => sum + part.length, 0);
  if (length <= MOST_TEXT) return;
  throw invalid(`source, id, stream and attributes have ${length} characters, at most ${MOST_TEXT} are allowed`);
}

/** A round as the domain knows it. Errors: RECORD_INVALID if there is none. */
export function toRound(round: RoundMessage | undefined): Round {
  if (!round) throw invalid('the round is missing');
  const { index, firstOrder, orders, prefix, classes } = round;
  return { index, firstOrder, orders, prefix, classes };
}

function tokensToBytes(tokens: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(tokens.length * 2);
  const view = new DataView(bytes.buffer);
  tokens.forEach((token, place) => view.setUint16(place * 2, token, true));
  return bytes;
}

function bytesToTokens(bytes: Uint8Array, model: ModelShape): Uint16Array {
  if (bytes.length !== model.positions * 2)
    throw invalid(`expected ${model.positions} tokens, got ${bytes.length / 2}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tokens = Uint16Array.from({ length: model.positions }, (_, place) => view.getUint16(place * 2, true));
  const bad = tokens.find((token) => token >= model.codes);
  if (bad !== undefined) throw invalid(`token ${bad} is outside the vocabulary of ${model.codes}`);
  return tokens;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function invalid(message: string): OrdoError {
  return new OrdoError('RECORD_INVALID', message);
}
