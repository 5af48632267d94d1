/**
 * Kills a pipeline's processes at seeded random moments and counts what that did to the outcomes:
 *   node bin/node24.js bench/crash.ts [--model tiny|traffic-signs] [--images N] [--kills N] [--seed N]
 * Every stage runs in a process of its own. Lost, changed and doubled are counted against an undisturbed run over the
 * same images; the result is written to bench/results/crash-MODEL.json. Exits 1 if any of them is not 0.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPipeline } from '../src/app/load-pipeline.ts';
import type { PipelineSpec } from '../src/app/spec.ts';
import { decodeLabel } from '../src/stages/codec.ts';
import { crashRun } from '../test/support/crash-run.ts';
import { temporaryFolder } from '../test/support/folders.ts';
import { compareOutcomes } from '../test/support/outcomes.ts';
import { tinyImages, tinySpec } from '../test/support/tiny.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'tiny' },
    images: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
const { model } = values;
const [count, kills, seed] = [values.images, values.kills, values.seed].map(Number) as [number, number, number];

async function specIn(folder: string): Promise<PipelineSpec> {
  const tiny = tinySpec(folder);
  if (model === 'tiny') return tiny;
  const spec = await loadPipeline(join(import.meta.dirname, '..', 'pipelines', `${model}.yaml`));
  return { ...spec, log: tiny.log, images: { ...spec.images, claimCheck: tiny.images.claimCheck } };
}

const folder = await temporaryFolder();
try {
  const images = await tinyImages(count, seed);
  const run = { images, seed, limitMs: 1_800_000 };
  console.error(`undisturbed: ${count} images`);
  const undisturbed = await crashRun(await specIn(join(folder.path, 'undisturbed')), { ...run, kills: 0 });
  console.error(`disturbed: ${kills} kills`);
  const disturbed = await crashRun(await specIn(join(folder.path, 'disturbed')), {
    ...run,
    kills,
    onKill: (kill, stage, outcomes) => console.error(`kill ${kill} of ${kills}: ${stage}, ${outcomes} outcomes so far`),
  });
  const counted = compareOutcomes(undisturbed, disturbed);
  const classified = undisturbed.filter((record) => decodeLabel(record).outcome.case === 'classified').length;
  const command = `node bin/node24.js bench/crash.ts --model ${model} --images ${count} --kills ${kills} --seed ${seed}`;
  const result = { command, model, images: count, classified, kills, seed, outcomes: disturbed.length, ...counted };
  await writeFile(join(import.meta.dirname, 'results', `crash-${model}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
  process.exitCode = Object.values(counted).every((number) => number === 0) ? 0 : 1;
} finally {
  await folder.remove();
}
