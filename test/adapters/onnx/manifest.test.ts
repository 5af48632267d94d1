import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '../../../src/adapters/onnx/manifest.ts';
import { TINY_MODEL } from '../../support/tiny.ts';

const TEXT = readFileSync(join(TINY_MODEL, 'model.json'), 'utf8');

describe('parseManifest', () => {
  it('refuses text that is not JSON', () => {
    assert.throws(() => parseManifest('{', 'm/model.json'), { code: 'MODEL_INVALID', message: /m\/model\.json/ });
  });

  it('refuses a manifest that is not an object', () => {
    assert.throws(() => parseManifest('[]', 'model.json'), { code: 'MODEL_INVALID' });
  });

  const faults: [string, (manifest: Record<string, any>) => void, RegExp][] = [
    ['another format', (m) => (m.format = 2), /format/],
    ['no name', (m) => delete m.name, /name/],
    ['a width of zero', (m) => (m.image.width = 0), /image\.width/],
    ['a fit that does not exist', (m) => (m.image.fit = 'squash'), /image\.fit/],
    ['more codes than 16 bits hold', (m) => (m.tokens.codes = 65537), /tokens\.codes/],
    ['prefixes that do not ascend', (m) => (m.prefixes = m.prefixes.toReversed()), /prefixes.*ascend/],
    ['prefixes that stop short', (m) => m.prefixes.pop(), /prefixes.*positions/],
    ['a class named twice', (m) => m.classes.push(m.classes[0]), /classes/],
    ['no classes', (m) => (m.classes = []), /classes/],
    ['a graph left out', (m) => delete m.files['score.onnx'], /files\.score\.onnx/],
    ['a digest in upper case', (m) => (m.files['score.onnx'].sha256 = 'A'.repeat(64)), /files\.score\.onnx\.sha256/],
    ['a file it does not know', (m) => (m.files['../x'] = m.files['score.onnx']), /files/],
    ['a field it does not know', (m) => (m.prefix = [1]), /prefix/],
  ];
  for (const [name, damage, message] of faults) {
    it(`refuses ${name}, naming the field`, () => {
      const manifest = JSON.parse(TEXT);
      damage(manifest);
      assert.throws(() => parseManifest(JSON.stringify(manifest), 'model.json'), { code: 'MODEL_INVALID', message });
    });
  }
});
