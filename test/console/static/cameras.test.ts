import assert from 'node:assert/strict';
import { Board } from '../../../src/console/board.ts';
import { Page } from '../../support/page/page.ts';
import { viewOf } from '../labels.ts';

const MINUTE_MS = 60_000;

describe('the tiles of cameras', () => {
  let page: Page;
  let cameras: any;

  beforeEach(async () => {
    page = new Page();
    page.open();
    const { cameraTiles } = await page.script('cameras.js');
    cameras = cameraTiles(() => {});
  });
  afterEach(() => page.close());

  const named = (length: number) => Array.from({ length }, (_, i) => `camera-${i + 1}`);
  const tiles = () => page.byId('cameras').children;
  const tile = (stream: string) => page.buttons('cameras').find((button) => streamOf(button) === stream);
  const streamOf = (button: { getAttribute(name: string): string | null }) =>
    button.getAttribute('aria-label')?.split(':')[0];

  function hear(streams: readonly string[], timestampMs: number) {
    for (const stream of streams) cameras.add(viewOf({ stream, id: `${stream} ${timestampMs}` }, { timestampMs }));
    cameras.refresh();
    cameras.render();
  }

  it('stay, with focus and history, while more cameras are heard of than there are tiles', () => {
    hear(named(60), 0);
    const first = tiles();
    page.buttons('cameras')[0]?.focus();
    for (let second = 1; second < 24; second++) hear(named(60), 1000 * second);
    assert.equal(first.length, 48);
    assert.deepEqual(tiles(), first);
    assert.equal(streamOf(page.focused!), 'camera-1');
    const dots = first.map((item) => item.all().find(({ className }) => className === 'dots')?.children.length);
    assert.deepEqual(new Set(dots), new Set([24]));
  });

  it('keep the focus when one of them moves behind the others', () => {
    hear(named(3), 0);
    page.buttons('cameras')[1]?.focus();
    hear(['camera-2', 'camera-3'], 2 * MINUTE_MS);
    assert.deepEqual(page.buttons('cameras').map(streamOf), ['camera-2', 'camera-3', 'camera-1']);
    assert.equal(streamOf(page.focused!), 'camera-2');
  });

  it('say of how many cameras they are', () => {
    const headings = [60, 1000].map((count) => {
      cameras.setHeard({ count, more: count === 1000 });
      hear(named(60), 0);
      return page.byId('camera-count').textContent;
    });
    assert.deepEqual(headings, ['48 of 60', '48 of 1000 or more']);
  });

  it('say how many they are where each camera has one', () => {
    cameras.setHeard({ count: 2, more: false });
    hear(named(3), 0);
    assert.equal(page.byId('camera-count').textContent, '3');
  });

  it('show a camera that died as silent although others wait for a tile', () => {
    hear(named(60), 0);
    hear(named(60).slice(1), 2 * MINUTE_MS);
    assert.ok(tile('camera-1')?.classList.contains('silent'));
    assert.match(tile('camera-1')?.textContent ?? '', /silent since/);
    assert.equal(tile('camera-2')?.classList.contains('silent'), false);
  });

  it('show that all of their cameras died although others go on', () => {
    hear(named(60), 0);
    hear(named(60).slice(48), 2 * MINUTE_MS);
    assert.ok(page.buttons('cameras').every(({ classList }) => classList.contains('silent')));
  });

  it('go to another camera once theirs was silent for long', () => {
    hear(named(60), 0);
    hear(named(60).slice(1), 11 * MINUTE_MS);
    assert.equal(tiles().length, 48);
    assert.equal(tile('camera-1'), undefined);
    assert.ok(tile('camera-49'));
  });

  it('load no more pictures of a camera that made way', () => {
    hear(named(60), 0);
    hear(named(60).slice(1), 11 * MINUTE_MS);
    assert.deepEqual(
      page.loads.slice(0, 48).map(({ src }) => src === ''),
      named(48).map((stream) => stream === 'camera-1'),
    );
  });

  it('show what was there at the last refresh', () => {
    hear(named(2), 0);
    cameras.add(viewOf({ stream: 'camera-3' }));
    cameras.add(viewOf({ stream: 'camera-1', id: 'newer' }));
    cameras.render('camera-1');
    assert.deepEqual(page.buttons('cameras').map(streamOf), named(2));
    assert.equal(tile('camera-1')?.getAttribute('aria-pressed'), 'true');
    assert.equal(cameras.latest('camera-1').id, 'camera-1 0');
  });

  it('are of the streams that the board keeps', () => {
    const board = new Board();
    for (let step = 0; step < 2000; step++) {
      const stream = `camera-${(step % 60) + 30 * Math.floor(step / 400)}`;
      const label = viewOf({ stream }, { timestampMs: 5000 * step });
      board.add(label);
      cameras.add(label);
    }
    cameras.refresh();
    cameras.render();
    const kept = board.streams().map(({ latest }) => latest.stream);
    assert.ok(!kept.includes('camera-0') && kept.includes('camera-150'));
    assert.deepEqual(new Set(page.buttons('cameras').map(streamOf)), new Set(kept));
  });
});
