import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cut, harmless, printable, quoted } from '../src/text.ts';

describe('text of others', () => {
  it('is quoted as JSON, without control characters', () => {
    assert.equal(quoted('ordo.image.v1'), '"ordo.image.v1"');
    assert.equal(quoted('a"\\\n\u001b\u009b'), '"a\\"\\\\\\n\\u001b\\u009b"');
    fc.assert(
      fc.property(fc.uint16Array({ maxLength: 20 }), (units) => {
        const text = String.fromCharCode(...units);
        const said = quoted(text, 1000);
        assert.doesNotMatch(said, /\p{Cc}/u);
        assert.equal(JSON.parse(said), text);
      }),
    );
  });

  it('is cut where it is long, and says how long it was', () => {
    assert.equal(quoted('x'.repeat(100)), `"${'x'.repeat(100)}"`);
    assert.equal(quoted('x'.repeat(101)), `"${'x'.repeat(100)}"... (101 characters)`);
    assert.equal(quoted('\n'.repeat(101)), `"${'\\n'.repeat(50)}"... (101 characters)`);
    assert.equal(cut('abc', 3), 'abc');
    assert.equal(cut('abcd', 3), 'abc... (4 characters)');
  });

  it('is not cut within a pair of surrogates', () => {
    assert.equal(quoted('x😀', 2), '"x"... (3 characters)');
    assert.equal(cut('x😀', 2), 'x... (3 characters)');
  });

  it('does nothing to a terminal but fill a line, or lines', () => {
    assert.equal(printable('a\n\u001b[2J\u009bé'), 'a\\x0a\\x1b[2J\\x9bé');
    assert.equal(harmless('a\n\u001b[2J\u009bé'), 'a\n\\x1b[2J\\x9bé');
  });
});
