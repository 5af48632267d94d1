import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPipeline } from '../../src/app/load-pipeline.ts';
import { loadPipelineModel, shapeOf } from '../../src/app/model.ts';
import { temporaryFolder } from '../support/folders.ts';
import { TINY_MODEL } from '../support/tiny.ts';

describe('loadPipelineModel', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  async function pipeline(lines: readonly string[]) {
    const file = join(folder.path, 'p.yaml');
    await writeFile(file, ['name: p', `model: ${TINY_MODEL}`, ...lines].join('\n'));
    return loadPipeline(file);
  }

  it('gives the model of a pipeline whose decision fits it', async () => {
    const plan = '{ kind: fixed, orders: 2, prefix: 16 }';
    const model = await loadPipelineModel(await pipeline(['decision:', `  plan: ${plan}`]));
    assert.deepEqual([shapeOf(model).positions, shapeOf(model).classes.length], [16, 8]);
  });

  it('names the line of a decision that does not fit the model', async () => {
    const lines = ['decision:', '  plan:', '    kind: fixed', '    orders: 2', '    prefix: 17'];
    await assert.rejects(loadPipelineModel(await pipeline(lines)), {
      code: 'PIPELINE_INVALID',
      message: /p\.yaml:7:\d+: decision\.plan\.prefix: must be .* from 1 to 16/,
    });
  });

  it('names the line of priors that leave one class', async () => {
    const lines = ['decision:', '  plan: { kind: fixed, orders: 2, prefix: 16 }', '  priors: [1, 0, 0, 0, 0, 0, 0, 0]'];
    await assert.rejects(loadPipelineModel(await pipeline(lines)), {
      code: 'PIPELINE_INVALID',
      message: /p\.yaml:5:\d+: decision\.priors: must be above 0 for at least 2 classes/,
    });
  });
});
