import assert from 'node:assert/strict';
import { profileFingerprint } from '../../src/ports/profile.ts';
import type { NumericProfile } from '../../src/ports/scorer.ts';

const PROFILE: NumericProfile = {
  modelDigest: 'ab'.repeat(32),
  precision: 'fp32',
  provider: 'cpu',
  runtime: 'onnxruntime-node 1.30.0',
  cpu: 'Some CPU x64',
  threads: 1,
  tileRows: 16,
};

describe('profileFingerprint', () => {
  it('stays what it was, for it stands on records', () => {
    assert.equal(profileFingerprint(PROFILE), '4430d7e20235013f');
  });

  it('does not depend on the order of the fields', () => {
    const reversed = Object.fromEntries(Object.entries(PROFILE).toReversed());
    assert.equal(profileFingerprint({ ...PROFILE, ...reversed }), profileFingerprint(PROFILE));
    assert.equal(profileFingerprint(Object.assign(reversed, PROFILE)), profileFingerprint(PROFILE));
  });

  const changes: Partial<NumericProfile>[] = [
    { modelDigest: 'cd'.repeat(32) },
    { precision: 'int8' },
    { provider: 'webgpu' },
    { runtime: 'onnxruntime-node 1.31.0' },
    { cpu: 'Other CPU x64' },
    { instructions: 'avx avx2 fma' },
    { device: 'NVIDIA H100 80GB HBM3' },
    { threads: 2 },
    { tileRows: 8 },
  ];
  for (const change of changes) {
    it(`tells profiles with another ${Object.keys(change).join()} apart`, () => {
      assert.notEqual(profileFingerprint({ ...PROFILE, ...change }), profileFingerprint(PROFILE));
    });
  }
});
