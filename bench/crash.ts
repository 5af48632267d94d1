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
import { variedImage } from '../src/app/verify/images.ts';
import { compareOutcomes } from '../src/app/verify/outcomes.ts';
import { planFaults } from '../src/app/verify/plan.ts';
import { runWithFaults } from '../src/app/verify/run.ts';
import { decodeLabel } from '../src/stages/codec.ts';
import { temporaryFolder } from '../test/support/folders.ts';
import { tinyPictures, tinySpec } from '../test/support/tiny.ts';

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

const processes = { tokenize: 1, score: 1, aggregate: 1 };
const folder = await temporaryFolder();
try {
  const pictures = await tinyPictures();
  const run = {
    images: count,
    image: (index: number) => variedImage(pictures, seed, index),
    processes,
    signal: new AbortController().signal,
  };
  console.error(`undisturbed: ${count} images`);
  const undisturbed = await runWithFaults(await specIn(join(folder.path, 'undisturbed')), { ...run, faults: [] });
  console.error(`disturbed: ${kills} kills`);
  let kill = 0;
  const disturbed = await runWithFaults(await specIn(join(folder.path, 'disturbed')), {
    ...run,
    faults: planFaults({ faults: kills, kinds: ['kill'], seed, processes }),
    onFault: ({ harm }, outcomes) => {
      const stage = 'stage' in harm ? harm.stage : '';
      console.error(`kill ${++kill} of ${kills}: ${stage}, ${outcomes} outcomes so far`);
    },
  });
  const counted = compareOutcomes(undisturbed.outcomes, disturbed.outcomes);
  const classified = undisturbed.outcomes.filter((record) => decodeLabel(record).outcome.case === 'classified').length;
  const command = `node bin/node24.js bench/crash.ts --model ${model} --images ${count} --kills ${kills} --seed ${seed}`;
  const result = {
    command,
    model,
    images: count,
    classified,
    kills,
    seed,
    outcomes: disturbed.outcomes.length,
    ...counted,
  };
  await writeFile(join(import.meta.dirname, 'results', `crash-${model}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
  process.exitCode = Object.values(counted).every((number) => number === 0) ? 0 : 1;
} finally {
  await folder.remove();
}
