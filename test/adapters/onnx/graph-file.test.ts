import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readGraph } from '../../../src/adapters/onnx/graph-file.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { graphAt } from '../../support/graphs.ts';

describe('readGraph', () => {
  it('gives the bytes of a graph, until it is another or is gone', async () => {
    const folder = await temporaryFolder();
    const path = join(folder.path, 'score.onnx');
    await writeFile(path, 'one');
    const graph = graphAt(path);
    assert.deepEqual(await readGraph(graph), await readFile(path));
    await writeFile(path, 'two');
    await assert.rejects(readGraph(graph), { code: 'MODEL_DIGEST_MISMATCH', message: /was changed meanwhile/ });
    await folder.remove();
    await assert.rejects(readGraph(graph), { code: 'MODEL_NOT_FOUND' });
  });
});
