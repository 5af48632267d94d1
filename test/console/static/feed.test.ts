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

  const rows = () => page.buttons('feed');
  const pressed = () => rows().map((button) => button.getAttribute('aria-pressed') === 'true');

  function hear(first: number, count: number) {
    feed.add(Array.from({ length: count }, (_, i) => viewOf({ id: `${first + i}` }, { offset: first + i })));
    feed.refresh();
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

  it('keeps the row that has the focus for as long as it has it', () => {
    hear(0, 60);
    const oldest = rows()[59]!;
    oldest.focus();
    hear(60, 300);
    assert.equal(page.focused, oldest);
    assert.equal(rows().indexOf(oldest), 60);
    page.filter('all')?.focus();
    feed.render();
    assert.equal(rows().length, 60);
    assert.equal(rows().includes(oldest), false);
  });

  it('still marks the selected row when a filter is chosen', () => {
    hear(0, 3);
    feed.render('0:1');
    page.filter('unsure')?.click();
    assert.deepEqual(pressed(), [false, true, false]);
  });

  it('filters what was there at the last refresh', () => {
    hear(0, 3);
    feed.add([viewOf({ id: '3' }, { offset: 3 })]);
    page.filter('unsure')?.click();
    assert.equal(rows().length, 3);
    page.filter('wrong')?.click();
    assert.equal(page.byId('feed-empty').textContent, 'None of the last 3 labels.');
  });
});
