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
});
