import { arrange, byId, h, keep } from './dom.js';
import { clock, posterior } from './format.js';
import { FILTERS, imageUrl, markOf, nameOf } from './labels.js';
import { picture } from './picture.js';

const SHOWN = 60;
const KEPT = 200;

/** The running list of labels, newest first, as of the last `refresh`; `onSelect` is told the label. */
export function labelFeed(onSelect) {
  const list = byId('feed');
  const buttons = [...document.querySelectorAll('[data-filter]')];
  /** What came so far, and what of it is shown. Neither is ever changed in place. */
  let labels = [];
  let shown = [];
  let selected;
  let filter = 'all';
  let rows = new Map();

  for (const button of buttons) {
    button.addEventListener('click', () => {
      filter = button.dataset.filter;
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      render(selected);
    });
  }

  const reset = (all) => {
    labels = all.slice(-KEPT);
  };
  const add = (more) => {
    labels = [...labels, ...more].slice(-KEPT);
  };
  /** Takes over what came since the last time. */
  const refresh = () => {
    shown = labels;
  };

  /** The row that has the focus, by key; it stays for as long, so that who uses the keyboard does not lose their place. */
  const focused = () => [...rows.keys()].filter((key) => rows.get(key).element.contains(document.activeElement));

  /** Brings the list to the labels that pass the filter; rows that stay are not touched. */
  function render(selectedKey) {
    selected = selectedKey;
    const wanted = shown.filter(FILTERS[filter]).slice(-SHOWN).toReversed();
    const byKey = new Map(wanted.map((label) => [label.key, label]));
    rows = keep(rows, [...new Set([...byKey.keys(), ...focused()])], (key) => row(byKey.get(key), onSelect));
    arrange(
      list,
      [...rows.values()].map(({ element }) => element),
    );
    for (const [key, { button }] of rows) button.setAttribute('aria-pressed', String(key === selectedKey));
    const empty = byId('feed-empty');
    empty.hidden = rows.size > 0;
    empty.textContent = shown.length === 0 ? 'No labels yet.' : `None of the last ${shown.length} labels.`;
  }

  return { reset, add, refresh, render };
}

function row(label, onSelect) {
  const { sign, word, kind } = markOf(label);
  const image = picture('small');
  image.show(imageUrl(label));
  const button = h(
    'button',
    { type: 'button', 'aria-pressed': 'false' },
    image.element,
    h('span', { class: 'name' }, titleOf(label)),
    h(
      'span',
      { class: 'from' },
      h('span', { class: 'where' }, label.stream || '(no stream)'),
      h('time', {}, clock(label.labelledAtMs)),
    ),
    h('span', { class: 'share' }, posterior(label.outcome.posterior ?? null)),
    h('span', { class: `mark ${kind}`, title: word }, sign, h('span', { class: 'sr' }, word)),
  );
  button.addEventListener('click', () => onSelect(label));
  return { element: h('li', {}, button), button, stop: image.stop };
}

function titleOf(label) {
  const { kind, message } = label.outcome;
  return kind === 'failed' ? `${nameOf(label)}: ${message}` : nameOf(label);
}
