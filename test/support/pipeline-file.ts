import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoadPipelineOptions, loadPipeline } from '../../src/app/load-pipeline.ts';
import { OrdoError } from '../../src/errors.ts';
import { temporaryFolder } from './folders.ts';

/** A pipeline file in a folder of its own, for the tests of the `describe` that it is called in. */
export function pipelineFile() {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  async function load(yaml: string, options: LoadPipelineOptions = { env: {} }) {
    const file = join(folder.path, 'p.yaml');
    await writeFile(file, yaml);
    return await loadPipeline(file, options);
  }

  /** The problems reported, without the file's folder. */
  async function problems(yaml: string, options?: LoadPipelineOptions): Promise<string[]> {
    const error = await load(yaml, options).then(
      () => assert.fail('the pipeline was accepted'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof OrdoError);
    assert.equal(error.code, 'PIPELINE_INVALID');
    return error.message.split('\n').map((line) => line.replace(`${folder.path}/`, ''));
  }

  return { path: (name: string) => join(folder.path, name), load, problems };
}
