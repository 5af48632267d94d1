import assert from 'node:assert/strict';
import { Page } from '../../support/page/page.ts';
import { viewOf } from '../labels.ts';

describe('the feed of labels', () => {
  let page: Page;
  let feed: any;

  beforeEach(async () => {
    page = new Page();
    page.open();
    const { labelFeed } = await page.script('feed.js');
    feed = labelFeed(() => {});
  });
  afterEach(() => page.close());

  function hear(first: number, count: number) {
    feed.add(Array.from({ length: count }, (_, i) => viewOf({ id: `${first + i}` }, { offset: first + i })));
    feed.render();
  }

  it('loads no more pictures of rows that left', () => {
    hear(0, 60);
    hear(60, 2);
    assert.equal(page.loads.length, 62);
    const loading = page.loads.filter(({ src }) => src !== '').map(({ src }) => Number(src.split('=').at(-1)));
    assert.deepEqual(new Set(loading), new Set(Array.from({ length: 60 }, (_, i) => 2 + i)));
  });

  it('leaves alone the pictures of rows that stay', () => {
    hear(0, 10);
    hear(10, 1);
    assert.equal(page.loads.length, 11);
    assert.ok(page.loads.every(({ src }) => src !== ''));
  });
});
