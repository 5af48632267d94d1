import assert from 'node:assert/strict';
import { Page } from '../../support/page/page.ts';
import { statusOf } from './status.ts';

describe('the figures', () => {
  let page: Page;

  beforeEach(() => {
    page = new Page();
    page.open();
  });
  afterEach(() => page.close());

  it('show a dash for a number of dead letters that is not known', async () => {
    const { showFigures } = await page.script('figures.js');
    const shown = [3, null].map((deadLetters) => {
      showFigures(statusOf({ deadLetters }));
      return page.byId('dead-letters').textContent;
    });
    assert.deepEqual(shown, ['3', '–']);
  });
});
