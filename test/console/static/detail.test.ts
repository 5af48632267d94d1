import assert from 'node:assert/strict';
import { Page } from '../../support/page/page.ts';
import { viewOf } from '../labels.ts';

describe('the detail of a label', () => {
  let page: Page;
  let detail: any;

  beforeEach(async () => {
    page = new Page();
    page.open();
    detail = (await page.script('detail.js')).labelDetail();
  });
  afterEach(() => page.close());

  const show = (stream: string, id: string) => detail.render(viewOf({ stream, id }), '');
  const loads = () => page.loads.map(({ src }) => src && new URLSearchParams(src.split('?')[1]).get('id'));

  it('shows the pictures of a camera one after the other', async () => {
    for (const id of ['a', 'b']) show('camera-1', id);
    assert.deepEqual(loads(), ['a']);
    await page.loads[0]?.end(true);
    assert.deepEqual(loads(), ['a', 'b']);
  });

  it('waits for no picture of another camera', () => {
    show('camera-1', 'a');
    show('camera-2', 'b');
    assert.deepEqual(loads(), ['', 'b']);
  });
});
