import type { Model } from '../../adapters/onnx/model.ts';
import { openOnnxScorer } from '../../adapters/onnx/scorer.ts';
import { openTokenizer } from '../../adapters/onnx/tokenizer.ts';
import { ordersOf } from '../../domain/orders.ts';
import { fillTile, type RowSource, type RowTile, TilePacker } from '../../domain/tiles.ts';
import { profileFingerprint } from '../../ports/profile.ts';
import type { Scorer } from '../../ports/scorer.ts';
import type { Tokenizer } from '../../ports/tokenizer.ts';
import { loadPipelineModel } from '../model.ts';
import { Resources } from '../resources.ts';
import type { PipelineSpec } from '../spec.ts';
import type { EvidenceHeader } from './evidence-file.ts';

/** Scores images in full: their first `orders` orders, all tokens, under all classes. */
export interface Recorder {
  readonly header: EvidenceHeader;
  /** Nats, [orders, classes, positions] row-major. Calls may overlap. Rejects with the IMAGE_* error of a bad image. */
  record(bytes: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Opens a recorder with a pipeline's model, image limits and scoring. Errors: those of loading the model. */
export async function openRecorder(spec: PipelineSpec, orders: number): Promise<Recorder> {
  const resources = new Resources();
  try {
    const model = await loadPipelineModel(spec);
    const tokenizer = resources.own(await openTokenizer(model, spec.images, { processes: 1 }));
    const scorer = resources.own(await openOnnxScorer(model, spec.scoring));
    return {
      header: headerOf(model, scorer, orders),
      record: (bytes) => record(bytes, orders, { model, tokenizer, scorer }),
      close: () => resources.close(),
    };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

function headerOf({ digestHex, manifest }: Model, { profile }: Scorer, orders: number): EvidenceHeader {
  return {
    model: digestHex,
    profile: profileFingerprint(profile),
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

async function record(bytes: Uint8Array, count: number, { model, tokenizer, scorer }: Parts): Promise<Float32Array> {
  const { tokens, digest } = await tokenizer.tokenize(bytes);
  const positions = tokens.length;
  const classes = [...model.manifest.classes.keys()];
  const orders = ordersOf(model.digest, digest, { firstOrder: 0, orders: count }, positions);
  const found = new Float32Array(count * classes.length * positions);
  const packer = new TilePacker<RowSource>(scorer.tileRows);
  const tiles = [...packer.add({ tokens, orders, classes }, positions, count * classes.length), ...packer.flush()];
  await Promise.all(tiles.map((tile) => score(tile, scorer, found)));
  return found;
}

async function score(tile: RowTile<RowSource>, scorer: Scorer, found: Float32Array): Promise<void> {
  const perToken = await scorer.score(fillTile(tile, scorer.tileRows, (source) => source));
  tile.rows.forEach(({ index }, place) => {
    found.set(perToken.subarray(place * tile.prefix, (place + 1) * tile.prefix), index * tile.prefix);
  });
}
