import assert from 'node:assert/strict';
import { SignBook, type SignPainter } from '../../../src/app/demo/signs.ts';

/** Paints one grey pixel, class and seed told by its tone. */
function painter(): SignPainter & { painted: string[] } {
  const painted: string[] = [];
  return {
    painted,
    paint: async ({ classId, seed }) => {
      painted.push(`${classId}/${seed}`);
      return { pixels: new Uint8Array(12).fill(classId * 10 + seed) };
    },
  };
}

describe('SignBook', () => {
  it('paints every class in every variant, all classes first', async () => {
    const paints = painter();
    const book = new SignBook({ painter: paints, classes: 3, variants: 2 });
    await book.done;
    const [first, second] = [paints.painted.slice(0, 3), paints.painted.slice(3)];
    assert.deepEqual(first.toSorted(), ['0/0', '1/0', '2/0']);
    assert.deepEqual(second.toSorted(), ['0/1', '1/1', '2/1']);
    assert.equal(book.painted, 6);
  });

  it('gives out signs as soon as the first few are painted', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const inner = painter();
    const paint: SignPainter['paint'] = async (request) => {
      if (inner.painted.length === 2) await gate;
      return inner.paint(request);
    };
    const book = new SignBook({ painter: { paint }, classes: 5, first: 2 });
    const sign = await book.signFor('camera-1', 0);
    assert.equal(book.painted, 2);
    assert.equal(sign?.picture.pixels[0], (sign?.classId ?? -1) * 10);
    release();
    await book.close();
  });

  it('gives a track the same sign each time, and other tracks others', async () => {
    const book = new SignBook({ painter: painter(), classes: 40, variants: 1 });
    await book.done;
    const signs = await Promise.all(Array.from({ length: 60 }, (_, track) => book.signFor('camera-1', track)));
    assert.equal((await book.signFor('camera-1', 7))?.classId, signs[7]?.classId);
    assert.ok(new Set(signs.map((sign) => sign?.classId)).size > 20);
  });

  it('rejects with what the painter threw if nothing was painted', async () => {
    const paint = () => Promise.reject(new Error('no paint'));
    const book = new SignBook({ painter: { paint }, classes: 2 });
    await assert.rejects(book.signFor('camera-1', 0), /no paint/);
    await assert.rejects(book.done, /no paint/);
  });

  it('leaves out what did not come out well', async () => {
    const inner = painter();
    const paint: SignPainter['paint'] = async (request) => (request.classId === 1 ? undefined : inner.paint(request));
    const book = new SignBook({ painter: { paint }, classes: 3, variants: 1 });
    await book.done;
    const signs = await Promise.all(Array.from({ length: 30 }, (_, track) => book.signFor('camera-1', track)));
    assert.deepEqual(new Set(signs.map((sign) => sign?.classId)), new Set([0, 2]));
  });

  it('stops painting when it is closed', async () => {
    const paints = painter();
    const book = new SignBook({ painter: paints, classes: 1000 });
    await book.signFor('camera-1', 0);
    await book.close();
    const { length } = paints.painted;
    assert.ok(length < 1000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(paints.painted.length, length);
  });
});
