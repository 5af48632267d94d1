import { h } from './dom.js';

const RETRY_MS = 1200;

/** A picture that keeps showing the last image until the next has loaded, and says so if there is none to show. */
export function picture(className) {
  const image = h('img', { alt: '', width: '96', height: '96', decoding: 'async' });
  const element = h('span', { class: `picture ${className}`, 'data-state': 'loading' }, image);
  let wanted = '';

  async function load(url, retries) {
    const next = new Image();
    next.src = url;
    try {
      await next.decode();
      if (wanted === url) {
        image.src = url;
        element.dataset.state = 'shown';
      }
    } catch {
      if (wanted !== url) return;
      if (retries === 0) element.dataset.state = 'missing';
      else setTimeout(() => wanted === url && load(`${url}`, retries - 1), RETRY_MS);
    }
  }

  function show(url) {
    if (wanted === url) return;
    wanted = url;
    void load(url, 1);
  }

  return { element, show };
}
