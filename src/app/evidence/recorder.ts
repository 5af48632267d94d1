import type { Model } from '../../adapters/onnx/model.ts';
import { openOnnxScorer } from '../../adapters/onnx/scorer.ts';
import type { GraphFile } from '../../adapters/onnx/graph-file.ts';
import { openTokenizer } from '../../adapters/onnx/tokenizer.ts';
import { ordersOf } from '../../domain/orders.ts';
import { fillTile, type RowSource, type RowTile, TilePacker } from '../../domain/tiles.ts';
import { profileFingerprint } from '../../ports/profile.ts';
import type { Scorer } from '../../ports/scorer.ts';
import type { Tokenizer } from '../../ports/tokenizer.ts';
import { loadPipelineModel } from '../model.ts';
import { Resources } from '../resources.ts';
import type { PipelineSpec } from '../spec.ts';
import type { EvidenceHeader, RecordedImage } from './evidence-file.ts';
import { findProposer } from './proposer.ts';

/** Scores images in full: their first `orders` orders, all tokens, under all classes. */
export interface Recorder {
  readonly header: EvidenceHeader;
  /** Calls may overlap. Rejects with the IMAGE_* error of a bad image. */
  record(bytes: Uint8Array): Promise<Pick<RecordedImage, 'perToken' | 'proposal'>>;
  close(): Promise<void>;
}

/** Opens a recorder with a pipeline's model, image limits and scoring. Errors: those of loading the model. */
export async function openRecorder(spec: PipelineSpec, orders: number): Promise<Recorder> {
  const resources = new Resources();
  try {
    const model = await loadPipelineModel(spec);
    const proposer = await findProposer(model);
    const tokenizer = resources.own(
      await openTokenizer(model, spec.images, {
        processes: spec.images.decoders,
        ...(proposer && { proposer }),
      }),
    );
    const scorer = resources.own(await openOnnxScorer(model, spec.scoring));
    return {
      header: headerOf(model, scorer, proposer, orders),
      record: (bytes) => record(bytes, orders, { model, tokenizer, scorer }),
      close: () => resources.close(),
    };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

function headerOf(
  { digestHex, manifest }: Model,
  { profile }: Scorer,
  proposer: GraphFile | undefined,
  orders: number,
): EvidenceHeader {
  return {
    model: digestHex,
    profile: profileFingerprint(profile),
    proposer: proposer?.sha256 ?? null,
    orders,
    classes: manifest.classes.length,
    positions: manifest.tokens.positions,
  };
}

interface Parts {
  model: Model;
  tokenizer: Tokenizer;
  scorer: Scorer;
}

async function record(bytes: Uint8Array, count: number, { model, tokenizer, scorer }: Parts) {
  const { tokens, digest, proposal = new Int32Array() } = await tokenizer.tokenize(bytes);
  const positions = tokens.length;
  const classes = [...model.manifest.classes.keys()];
  const orders = ordersOf(model.digest, digest, { firstOrder: 0, orders: count }, positions);
  const perToken = new Float32Array(count * classes.length * positions);
  const packer = new TilePacker<RowSource>(scorer.tileRows);
  const tiles = [...packer.add({ tokens, orders, classes }, positions, count * classes.length), ...packer.flush()];
  await Promise.all(tiles.map((tile) => score(tile, scorer, perToken)));
  return { perToken, proposal };
}

async function score(tile: RowTile<RowSource>, scorer: Scorer, found: Float32Array): Promise<void> {
  const perToken = await scorer.score(fillTile(tile, scorer.tileRows, (source) => source));
  tile.rows.forEach(({ index }, place) => {
    found.set(perToken.subarray(place * tile.prefix, (place + 1) * tile.prefix), index * tile.prefix);
  });
}
