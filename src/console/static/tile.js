import { bar, h, setText } from './dom.js';
import { clock, duration, posterior } from './format.js';
import { imageUrl, markNamed, markOf, nameOf } from './labels.js';
import { picture } from './picture.js';

/** One camera: its last image, what it was found to be, and how the images before it went; `stop` as of a picture. */
export function cameraTile(stream, onSelect) {
  const image = picture('large');
  const mark = h('span', { class: 'mark' });
  const name = h('span', { class: 'label' });
  const share = h('span', { class: 'share' });
  const meter = h('span', { class: 'meter' });
  const note = h('span', { class: 'note' });
  const dots = h('span', { class: 'dots', 'aria-hidden': 'true' });
  const button = h(
    'button',
    { type: 'button', 'aria-pressed': 'false' },
    image.element,
    h('span', { class: 'stream' }, stream || '(no stream)'),
    mark,
    h('span', { class: 'verdict' }, name, share),
    meter,
    note,
    dots,
  );
  button.addEventListener('click', () => onSelect(stream));
  let shown;

  function render({ latest: label, history, silent }, selected) {
    button.setAttribute('aria-pressed', String(selected));
    button.classList.toggle('silent', silent);
    setText(note, silent ? `silent since ${clock(label.labelledAtMs)}` : noteOf(label));
    if (shown === label) return;
    shown = label;
    image.show(imageUrl(label));
    const { sign, word, kind } = markOf(label);
    mark.className = `mark ${kind}`;
    setText(mark, sign);
    mark.title = word;
    setText(name, nameOf(label));
    const probability = label.outcome.posterior ?? null;
    const chance = probability === null ? '' : posterior(probability);
    setText(share, chance);
    meter.replaceChildren(bar(probability ?? 0, kind));
    dots.replaceChildren(...history.map((past) => h('i', { class: markNamed(past).kind })));
    button.setAttribute('aria-label', `${stream}: ${nameOf(label)}, ${chance} ${word}`);
  }

  return { element: h('li', {}, button), render, stop: image.stop };
}

/** The line below a tile's bar: what was right, what failed, or what it took. */
function noteOf(label) {
  const { outcome, truth, right } = label;
  if (outcome.kind === 'failed') return outcome.message;
  if (outcome.kind === 'expired') return `older than ${duration(outcome.maxAgeMs)}`;
  if (right === false) return `truth: ${truth.name}`;
  if (truth?.classId === null) return 'truth: none of the classes';
  const orders = outcome.orders === 1 ? '1 order' : `${outcome.orders} orders`;
  return `${orders}, ${outcome.rows} rows, ${duration(label.labelledAtMs - label.capturedAtMs)}`;
}
