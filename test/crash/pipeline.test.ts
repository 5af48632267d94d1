import assert from 'node:assert/strict';
import { join } from 'node:path';
import { crashRun } from '../support/crash-run.ts';
import { temporaryFolder } from '../support/folders.ts';
import { compareOutcomes } from '../support/outcomes.ts';
import { tinyImages, tinySpec } from '../support/tiny.ts';

describe('a pipeline whose processes are killed', () => {
  it('gives every image the one outcome that an undisturbed run gives it', async () => {
    const folder = await temporaryFolder();
    try {
      const images = await tinyImages(400, 7);
      const run = { images, seed: 7, limitMs: 90_000 };
      const undisturbed = await crashRun(tinySpec(join(folder.path, 'undisturbed')), { ...run, kills: 0 });
      const disturbed = await crashRun(tinySpec(join(folder.path, 'disturbed')), { ...run, kills: 8 });
      assert.equal(undisturbed.length, images.length);
      assert.deepEqual(compareOutcomes(undisturbed, disturbed), { lost: 0, changed: 0, doubled: 0, unexpected: 0 });
    } finally {
      await folder.remove();
    }
  }).timeout(240_000);
});
