/**
 * What a proposer saves before the first round, against a first round of one order read to a short prefix:
 *   node bin/node24.js bench/recall.ts --evidence CLEAN.evidence [--spoiled SPOILED.evidence] [--recall 0.999]
 * For each, how many classes must be kept, as a number and as nats behind the best, so that the true class is among them
 * in the wanted share of the images. The evidence must have been recorded with the proposer. The result is written to
 * bench/results/recall.json.
 */
import { parseArgs } from 'node:util';
import { loadReadings } from '../src/app/evidence/readings.ts';
import { loadPipeline } from '../src/app/load-pipeline.ts';
import { loadPipelineModel } from '../src/app/model.ts';
import { toNats } from '../src/domain/evidence.ts';
import type { LabelledReadings } from '../src/domain/plan-search.ts';
import { EVIDENCE_OPTIONS, requireEvidence } from './processes/evidence.ts';
import { writeResult } from './processes/results.ts';

const { values } = parseArgs({ options: { ...EVIDENCE_OPTIONS, recall: { type: 'string', default: '0.999' } } });
const evidence = requireEvidence(values.evidence);
const spec = await loadPipeline(values.pipeline);
const model = await loadPipelineModel(spec);

/** Scores of an image's classes by some way of narrowing them. */
type Scores = (image: LabelledReadings) => number[];

/** One order at a prefix, or the proposer. */
function waysOf({ readings: { prefixes, orders, classes } }: LabelledReadings): { name: string; scores: Scores }[] {
  const first = prefixes.map((prefix, place) => ({
    name: `one order, prefix ${prefix}`,
    scores: ({ readings: { sums } }: LabelledReadings) =>
      Array.from({ length: classes }, (_, classId) => toNats(sums[place * orders * classes + classId] ?? Number.NaN)),
  }));
  const proposer = {
    name: 'proposer',
    scores: ({ readings }: LabelledReadings) => [...(readings.proposal ?? [])].map(toNats),
  };
  return [...first, proposer];
}

function standingOf(images: readonly LabelledReadings[], scores: Scores, recall: number) {
  const found = images.map((image) => {
    const all = scores(image);
    const own = all[image.label] ?? Number.NaN;
    return { rank: all.filter((score) => score > own).length + 1, behind: Math.max(...all) - own, all };
  });
  const sorted = (of: (image: (typeof found)[number]) => number) => found.map(of).toSorted((a, b) => a - b);
  const last = Math.ceil(recall * found.length) - 1;
  const within = sorted(({ behind }) => behind)[last] ?? Number.NaN;
  const kept = found.map(({ all }) => all.filter((score) => Math.max(...all) - score <= within).length);
  return {
    keep: sorted(({ rank }) => rank)[last],
    within: Number(within.toFixed(2)),
    keptWithinMean: Number((kept.reduce((sum, count) => sum + count, 0) / kept.length).toFixed(2)),
    firstRight: found.filter(({ rank }) => rank === 1).length / found.length,
  };
}

async function compared(path: string) {
  const images = await loadReadings([path], model, spec.decision);
  const [image] = images;
  if (!image?.readings.proposal?.length) throw new Error(`${path} was recorded without a proposer`);
  const ways = waysOf(image).map(({ name, scores }) => [name, standingOf(images, scores, Number(values.recall))]);
  return { images: images.length, ...Object.fromEntries(ways) };
}

await writeResult('recall', {
  recall: Number(values.recall),
  clean: await compared(evidence),
  ...(values.spoiled !== undefined && { spoiled: await compared(values.spoiled) }),
});
