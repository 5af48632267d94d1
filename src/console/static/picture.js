import { h } from './dom.js';

/** How often a picture is asked for again: it may not be at hand yet, or too many others may be under way. */
const RETRIES = 3;
/** The first wait for that; each is twice the one before. */
const RETRY_MS = 1200;
/** A load that takes longer is given up: others wait for it. */
const PATIENCE_MS = 30_000;

/**
 * A picture that keeps showing the last image until another has loaded, and says so if there is none to show. It loads one
 * at a time, then the newest that was asked for meanwhile; `stop` ends that, for a picture that left the page.
 */
export function picture(className) {
  const image = h('img', { alt: '', width: '96', height: '96', decoding: 'async' });
  const element = h('span', { class: `picture ${className}`, 'data-state': 'loading' }, image);
  let wanted = '';
  let stopped = false;
  let loading;
  let retry;

  async function load(url, retried = 0) {
    loading = loadImage(url);
    const loaded = await loading.done;
    loading = undefined;
    if (stopped) return;
    if (loaded) reveal(url);
    if (wanted !== url) void load(wanted);
    else if (!loaded && retried < RETRIES) retry = setTimeout(load, RETRY_MS * 2 ** retried, url, retried + 1);
    else if (!loaded) element.dataset.state = 'missing';
  }

  function reveal(url) {
    image.src = url;
    element.dataset.state = 'shown';
  }

  function show(url) {
    if (stopped || wanted === url) return;
    wanted = url;
    clearTimeout(retry);
    if (!loading) void load(url);
  }

  function stop() {
    stopped = true;
    clearTimeout(retry);
    loading?.cancel();
  }

  return { element, show, stop };
}

/** A load under way; `done` tells whether there was a picture. */
function loadImage(url) {
  const image = new Image();
  const cancel = () => {
    image.src = '';
  };
  image.src = url;
  const patience = setTimeout(cancel, PATIENCE_MS);
  const done = image.decode().then(
    () => true,
    () => false,
  );
  return { done: done.finally(() => clearTimeout(patience)), cancel };
}
