import assert from 'node:assert/strict';
import { loadStaticFiles } from '../../src/console/static-files.ts';

describe('the page', () => {
  let files: Map<string, string>;

  before(async () => {
    const loaded = await loadStaticFiles();
    files = new Map([...loaded].map(([name, { body }]) => [name, body.toString('utf8')]));
  });

  const page = () => files.get('index.html') ?? '';
  const scripts = () => [...files].filter(([name]) => name.endsWith('.js'));

  it('has every file that it names', () => {
    const named = [...page().matchAll(/(?:href|src)="\/console\/([^"]+)"/g)].map(([, name]) => name);
    const imported = scripts().flatMap(([, text]) => [...text.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => name));
    assert.ok(named.length >= 3 && imported.length >= 5);
    for (const name of [...named, ...imported]) assert.ok(files.has(name ?? ''), name);
  });

  it('has every element that the scripts look for', () => {
    const ids = scripts().flatMap(([, text]) => [...text.matchAll(/byId\('([^']+)'\)/g)].map(([, id]) => id));
    assert.ok(ids.length > 20);
    for (const id of ids) assert.ok(page().includes(`id="${id}"`), id);
  });

  it('needs nothing from elsewhere, and nothing inline', () => {
    for (const [name, text] of files) {
      if (!name.endsWith('.svg'))
        assert.doesNotMatch(
          text.replaceAll('http://www.w3.org/2000/svg', ''),
          /(src|href|url\(|from )\s*=?["'(]?https?:/,
          name,
        );
    }
    assert.doesNotMatch(page(), /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/);
  });

  it('makes no markup out of text', () => {
    for (const [name, text] of scripts()) {
      assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|srcdoc/, name);
    }
  });
});
