import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadModel, type Model } from '../../../src/adapters/onnx/model.ts';
import { EvidenceFile, type EvidenceHeader } from '../../../src/app/evidence/evidence-file.ts';
import { findProposer } from '../../../src/app/evidence/proposer.ts';
import { loadReadings } from '../../../src/app/evidence/readings.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { TINY_MODEL, tinySpec } from '../../support/tiny.ts';

describe('reading recorded evidence', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let model: Model;
  let header: EvidenceHeader;
  const { decision } = tinySpec('/nowhere');

  before(async () => {
    model = await loadModel(TINY_MODEL);
    const { classes, tokens } = model.manifest;
    const proposer = (await findProposer(model))?.sha256 ?? assert.fail('the tiny model has a proposer');
    const shape = { orders: 2, classes: classes.length, positions: tokens.positions };
    header = { model: model.digestHex, profile: 'p', proposer, ...shape };
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  /** Writes a file with one image. */
  function write(name: string, changes: Partial<EvidenceHeader> = {}): string {
    const path = join(folder.path, name);
    const own = { ...header, ...changes };
    const file = EvidenceFile.extend(path, own);
    const perToken = new Float32Array(own.orders * own.classes * own.positions).fill(-1);
    const proposal = new Int32Array(own.proposer === null ? 0 : own.classes);
    file.add({ path: 'a.png', classId: 1, track: 't', perToken, proposal });
    file.close();
    return path;
  }

  it('gives the images of all files', async () => {
    const images = await loadReadings([write('one'), write('two')], model, decision);
    assert.deepEqual(
      images.map(({ label, track, readings }) => [label, track, readings.orders]),
      [
        [1, 't', 2],
        [1, 't', 2],
      ],
    );
  });

  it('refuses what another model or proposer, or none, has made', async () => {
    for (const [name, changes, why] of [
      ['model', { model: 'ab' }, /is of model ab/],
      ['other', { proposer: 'cd' }, /is of proposer cd/],
      ['none', { proposer: null }, /is of proposer none/],
    ] as const) {
      const loading = loadReadings([write(name, changes)], model, decision);
      await assert.rejects(loading, { code: 'EVIDENCE_INVALID', message: why });
    }
  });

  it('refuses files of different numbers of orders', async () => {
    const loading = loadReadings([write('two'), write('three', { orders: 3 })], model, decision);
    await assert.rejects(loading, { code: 'EVIDENCE_INVALID', message: /2 and 3 orders/ });
  });
});
