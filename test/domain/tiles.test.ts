import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { fillTile, type RowSource, type RowTile, TilePacker } from '../../src/domain/tiles.ts';

const names = (tiles: RowTile<string>[]) =>
  tiles.map(({ prefix, rows }) => `${prefix}: ${rows.map(({ owner, index }) => owner + index).join(' ')}`);

describe('the tile packer', () => {
  it('fills tiles across rounds, in the order in which rows came', () => {
    const packer = new TilePacker<string>(4);
    assert.deepEqual(names(packer.add('a', 8, 3)), []);
    assert.deepEqual(names(packer.add('b', 8, 6)), ['8: a0 a1 a2 b0', '8: b1 b2 b3 b4']);
    assert.equal(packer.waiting, 1);
    assert.deepEqual(names(packer.flush()), ['8: b5']);
  });

  it('never mixes prefix lengths', () => {
    const packer = new TilePacker<string>(2);
    packer.add('a', 8, 1);
    assert.deepEqual(names(packer.add('b', 16, 3)), ['16: b0 b1']);
    assert.deepEqual(names(packer.add('c', 8, 1)), ['8: a0 c0']);
  });

  it('flushes the prefix first whose rows began to wait first', () => {
    const packer = new TilePacker<string>(3);
    packer.add('a', 16, 2);
    packer.add('b', 8, 1);
    packer.add('c', 8, 1);
    assert.deepEqual(names(packer.flush()), ['16: a0 a1', '8: b0 c0']);
    packer.add('a', 16, 2);
    packer.add('b', 8, 1);
    assert.deepEqual(names(packer.add('c', 16, 2)), ['16: a0 a1 c0']);
    assert.deepEqual(names(packer.flush()), ['8: b0', '16: c1'], 'c1 came after b0');
  });

  it('holds nothing after a flush', () => {
    const packer = new TilePacker<string>(4);
    packer.add('a', 8, 3);
    packer.flush();
    assert.equal(packer.waiting, 0);
    assert.deepEqual(packer.flush(), []);
    assert.deepEqual(names(packer.add('b', 8, 4)), ['8: b0 b1 b2 b3']);
  });

  it('puts every row into one tile once, in order, whatever comes', () => {
    const add = fc.record({ prefix: fc.constantFrom(8, 16, 32), count: fc.nat(20), flush: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(add, { maxLength: 20 }), (tileRows, adds) => {
        const packer = new TilePacker<number>(tileRows);
        const full: RowTile<number>[] = [];
        const flushed: RowTile<number>[] = [];
        const out: RowTile<number>[] = [];
        const take = (into: RowTile<number>[], tiles: RowTile<number>[]) => (into.push(...tiles), out.push(...tiles));
        adds.forEach(({ prefix, count, flush }, owner) => {
          take(full, packer.add(owner, prefix, count));
          if (flush) take(flushed, packer.flush());
        });
        take(flushed, packer.flush());
        assert.ok(full.every(({ rows }) => rows.length === tileRows));
        assert.ok(flushed.every(({ rows }) => rows.length > 0 && rows.length < tileRows));
        for (const prefix of [8, 16, 32]) {
          const sent = adds.flatMap((entry, owner) =>
            entry.prefix === prefix ? Array.from({ length: entry.count }, (_, index) => ({ owner, index })) : [],
          );
          const got = out.filter((tile) => tile.prefix === prefix).flatMap(({ rows }) => [...rows]);
          assert.deepEqual(got, sent);
        }
      }),
    );
  });
});

describe('filling a tile', () => {
  const sources: Record<string, RowSource> = {
    a: { tokens: Uint16Array.of(1, 2, 3), orders: [Uint16Array.of(0, 1, 2), Uint16Array.of(2, 1, 0)], classes: [4, 7] },
    b: { tokens: Uint16Array.of(9, 8, 7), orders: [Uint16Array.of(1, 2, 0)], classes: [5] },
  };
  const fill = (tile: RowTile<string>, tileRows: number) => fillTile(tile, tileRows, (owner) => sources[owner]!);

  it("writes each row's tokens, the prefix of its order and its class, order by order", () => {
    const rows = [0, 1, 2, 3].map((index) => ({ owner: 'a', index }));
    assert.deepEqual(fill({ prefix: 2, rows: [...rows, { owner: 'b', index: 0 }] }, 5), {
      rows: 5,
      prefix: 2,
      tokens: Int32Array.of(1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 9, 8, 7),
      orders: Int32Array.of(0, 1, 0, 1, 2, 1, 2, 1, 1, 2),
      classes: Int32Array.of(4, 7, 4, 7, 5),
    });
  });

  it('pads with its first row', () => {
    const tile = {
      prefix: 1,
      rows: [
        { owner: 'b', index: 0 },
        { owner: 'a', index: 3 },
      ],
    };
    assert.deepEqual(fill(tile, 4), {
      rows: 4,
      prefix: 1,
      tokens: Int32Array.of(9, 8, 7, 1, 2, 3, 9, 8, 7, 9, 8, 7),
      orders: Int32Array.of(1, 2, 1, 1),
      classes: Int32Array.of(5, 7, 5, 5),
    });
  });

  it('refuses a tile without rows', () => {
    assert.throws(() => fill({ prefix: 1, rows: [] }, 4), { code: 'INTERNAL' });
  });
});
