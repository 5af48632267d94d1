import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { fromHex, sha256, toHex } from '../../src/domain/digest.ts';

describe('digests', () => {
  it('are those of FIPS 180-4', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    assert.equal(toHex(sha256(new TextEncoder().encode('abc'))), abc);
  });

  it('agree with node:crypto, which adapters use for large files', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(toHex(sha256(bytes)), createHash('sha256').update(bytes).digest('hex'));
      }),
    );
  });

  it('survive hexadecimal text and back, in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        assert.deepEqual(fromHex(toHex(bytes)), bytes);
        assert.deepEqual(fromHex(toHex(bytes).toUpperCase()), bytes);
      }),
    );
  });

  it('are not read from text that is not hexadecimal', () => {
    for (const text of ['abc', 'zz', '0x00']) assert.throws(() => fromHex(text), { code: 'INTERNAL' });
  });
});
