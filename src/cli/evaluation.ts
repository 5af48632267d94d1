import { createHash } from 'node:crypto';
import { summarize } from '../domain/calibration.ts';
import type { Decision } from '../domain/types.ts';
import { OrdoError } from '../errors.ts';
import { readCsv } from './csv.ts';
import { isFolder } from './images.ts';

/** An image and the class it truly is. */
export interface Labelled {
  /** Relative to the folder of the images. */
  path: string;
  classId: number;
  /** Images of one track are alike; an image without one is a track of its own. */
  track: string;
}

/** What became of an image: a decision or an error. */
export interface Outcome extends Labelled {
  decision?: Decision;
  error?: unknown;
}

/** The measures of an evaluation; null where no image was left to measure. */
export interface Evaluation {
  /** Images that were measured. */
  images: number;
  /** Images that could not be classified, and are left out. */
  failed: number;
  /** 0 to 1. */
  accuracy: number | null;
  /** Mean of -log(posterior of the true class), nats. */
  nll: number | null;
  /** Expected calibration error, 0 to 1. */
  ece: number | null;
  ordersMean: number | null;
  rowsMean: number | null;
  imagesPerSecond: number | null;
}

/**
 * The rows of a CSV file with the columns `path`, each of which is there once, `class_id` and, if there is one, `track`.
 * Errors: INPUT_NOT_FOUND, LABELS_INVALID.
 */
export async function readLabels(file: string, classes: number): Promise<Labelled[]> {
  const lines = new Map<string, number>();
  const rows = await readCsv(file, ['path', 'class_id'], ({ line, fields: { path, class_id: id = '' } }) => {
    if (!path) return 'the path is empty';
    const before = lines.get(path);
    if (before !== undefined) return `${path} is on line ${before} already`;
    lines.set(path, line);
    if (/^[0-9]+$/.test(id) && Number(id) < classes) return undefined;
    return `the class_id must be a whole number from 0 to ${classes - 1}, not "${id}"`;
  });
  return rows.map(({ fields: { path = '', class_id: id, track } }) => ({
    path,
    classId: Number(id),
    track: track || path,
  }));
}

/** Where a command finds labelled images, and how many of them it takes. */
export interface LabelledOptions {
  images: string;
  labels: string;
  limit?: number;
  seed: number;
}

/** The images that a command asked for. Errors: those of `readLabels`; INPUT_NOT_FOUND where their folder is none. */
export async function labelledImages(
  { images, labels, limit, seed }: LabelledOptions,
  classes: number,
): Promise<Labelled[]> {
  const all = await readLabels(labels, classes);
  if (!(await isFolder(images))) throw new OrdoError('INPUT_NOT_FOUND', `${images} is not a folder`);
  return sample(all, limit ?? all.length, seed);
}

/**
 * A random sample of `count` images, in their order: those whose SHA-256 of the seed and the path is smallest. Which
 * images it takes depends on the seed and their paths alone, and a larger sample holds the smaller one.
 */
export function sample(images: readonly Labelled[], count: number, seed: number): Labelled[] {
  if (count >= images.length) return [...images];
  const ranked = images.map((image, index) => ({ image, index, rank: rankOf(seed, image.path) }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ image }) => image);
}

function rankOf(seed: number, path: string): string {
  return createHash('sha256').update(`${seed} ${path}`).digest('hex');
}

/** Measures what was decided in so many seconds. */
export function measure(outcomes: readonly Outcome[], seconds: number): Evaluation {
  const decided = outcomes.flatMap(({ decision, classId }) => (decision ? [{ decision, label: classId }] : []));
  const images = decided.length;
  const failed = outcomes.length - images;
  if (images === 0) return { images, failed, ...NOTHING };
  const summary = summarize(decided.map(({ decision, label }) => ({ posteriors: decision.posteriors, label })));
  const mean = (of: (decision: Decision) => number) =>
    decided.reduce((sum, { decision }) => sum + of(decision), 0) / images;
  return {
    images,
    failed,
    ...summary,
    ordersMean: mean(({ orders }) => orders),
    rowsMean: mean(({ rows }) => rows),
    imagesPerSecond: images / seconds,
  };
}

const NOTHING = { accuracy: null, nll: null, ece: null, ordersMean: null, rowsMean: null, imagesPerSecond: null };
