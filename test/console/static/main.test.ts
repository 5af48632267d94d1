import assert from 'node:assert/strict';
import { Board } from '../../../src/console/board.ts';
import type { LabelView } from '../../../src/console/label-view.ts';
import type { Snapshot, Status } from '../../../src/console/watch.ts';
import { Page } from '../../support/page/page.ts';
import { viewOf } from '../labels.ts';
import { statusOf } from './status.ts';

describe('the console in a browser', () => {
  let page: Page;
  let runs = 0;

  beforeEach(async () => {
    page = new Page();
    page.open();
    await page.script('main.js', `${++runs}`);
  });
  afterEach(() => page.close());

  function snapshot(labels: LabelView[], status: Partial<Status> = {}): Snapshot {
    const board = new Board();
    for (const label of labels) board.add(label);
    const about = { pipeline: 'p', model: { name: 'm', version: '1', digest: 'ab', classes: 3 }, origin: 'a test' };
    return { about, labels: board.recent(), streams: board.streams(), status: statusOf(status) };
  }

  it('says how many of the cameras heard of it shows', () => {
    const labels = Array.from({ length: 60 }, (_, i) => viewOf({ stream: `camera-${i}` }));
    page.tell('snapshot', snapshot(labels, { streams: { count: 60, more: false } }));
    assert.equal(page.byId('camera-count').textContent, '48 of 60');
  });

  describe('while paused', () => {
    const label = (stream: string, offset: number, truth = '0') =>
      viewOf({ stream, id: `${stream} ${offset}`, truth }, { offset });
    const tiles = () => page.buttons('cameras').map((button) => button.getAttribute('aria-label')?.split(':')[0]);
    const rows = () => page.byId('feed').children.length;
    const detail = () => page.byId('detail').textContent;

    beforeEach(() => {
      page.tell('snapshot', snapshot([label('camera-1', 0), label('camera-2', 1, '1')]));
      page.press('p');
      page.tell('labels', [label('camera-2', 2), label('camera-3', 3)]);
    });

    it('shows what was there, whatever camera is chosen', () => {
      page.buttons('cameras')[1]?.click();
      assert.deepEqual(tiles(), ['camera-1', 'camera-2']);
      assert.equal(rows(), 2);
      assert.match(detail(), /camera-2 1/);
      assert.doesNotMatch(detail(), /camera-2 2/);
    });

    it('shows what was there, whatever label is chosen, let go or filtered by', () => {
      page.buttons('feed')[1]?.click();
      assert.match(detail(), /camera-1 0/);
      assert.match(page.byId('detail-mode').textContent, /held/);
      page.press('Escape');
      assert.match(page.byId('detail-mode').textContent, /latest of camera-1/);
      page.filter('wrong')?.click();
      assert.equal(rows(), 1);
      page.filter('all')?.click();
      assert.equal(rows(), 2);
      assert.deepEqual(tiles(), ['camera-1', 'camera-2']);
    });

    it('shows what was there although the connection was lost and came back', () => {
      page.tell('snapshot', snapshot([label('camera-4', 4)]));
      page.buttons('cameras')[0]?.click();
      assert.deepEqual(tiles(), ['camera-1', 'camera-2']);
      assert.equal(rows(), 2);
    });

    it('collects what comes, and shows it once resumed', () => {
      page.buttons('cameras')[1]?.click();
      page.byId('pause').click();
      assert.deepEqual(tiles(), ['camera-1', 'camera-2', 'camera-3']);
      assert.equal(rows(), 4);
      assert.match(detail(), /camera-2 2/);
    });
  });
});
