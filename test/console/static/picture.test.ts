import assert from 'node:assert/strict';
import { Page } from '../../support/page/page.ts';

describe('a picture', () => {
  let page: Page;
  let picture: any;

  beforeEach(async () => {
    page = new Page();
    page.open();
    picture = (await page.script('picture.js')).picture('small');
  });
  afterEach(() => page.close());

  const loaded = () => page.loads.map(({ src }) => src);
  const shown = () => picture.element.firstElementChild.src;
  const state = () => picture.element.dataset.state;
  const end = (load: number, with_: boolean) => page.loads[load]?.end(with_);

  it('is shown although a newer one is wanted by the time it has loaded', async () => {
    for (const url of ['a', 'b']) picture.show(url);
    await end(0, true);
    assert.equal(shown(), 'a');
    assert.equal(state(), 'shown');
  });

  it('loads one image at a time, then the newest', async () => {
    for (const url of ['a', 'b', 'c']) picture.show(url);
    assert.deepEqual(loaded(), ['a']);
    await end(0, true);
    assert.deepEqual(loaded(), ['a', 'c']);
    await end(1, true);
    assert.equal(shown(), 'c');
    assert.equal(page.loads.length, 2);
  });

  it('is tried three times more, after longer and longer waits, before there is none', async () => {
    picture.show('a');
    for (const [load, waitMs] of [1200, 2400, 4800].entries()) {
      await end(load, false);
      page.pass(waitMs - 1);
      assert.deepEqual([page.loads.length, state()], [load + 1, 'loading']);
      page.pass(1);
    }
    await end(3, false);
    page.pass(60_000);
    assert.deepEqual(loaded(), ['a', 'a', 'a', 'a']);
    assert.equal(state(), 'missing');
  });

  it('gives up one that failed for a newer one at once', async () => {
    picture.show('a');
    await end(0, false);
    picture.show('b');
    page.pass(10_000);
    assert.deepEqual(loaded(), ['a', 'b']);
  });

  it('does not wait for ever for one that does not come', async () => {
    for (const url of ['a', 'b']) picture.show(url);
    page.pass(30_000);
    await end(0, true);
    assert.deepEqual(loaded(), ['', 'b']);
    assert.equal(state(), 'loading');
  });

  it('loads no more once it is stopped', async () => {
    for (const url of ['a', 'b']) picture.show(url);
    picture.stop();
    await end(0, true);
    picture.show('c');
    assert.deepEqual(loaded(), ['']);
  });

  it('is not tried again when it is stopped', async () => {
    picture.show('a');
    await end(0, false);
    picture.stop();
    page.pass(60_000);
    assert.deepEqual(loaded(), ['a']);
  });
});
