import { byId, h, setText } from './dom.js';
import { posteriorRow } from './figures.js';
import { clock, count, decimal, duration, percent, posterior } from './format.js';
import { imageUrl, markOf, nameOf } from './labels.js';
import { picture } from './picture.js';

/** What a label rests on. */
export function labelDetail() {
  const pane = byId('detail');
  let image = picture('huge');
  let shown;

  /** A picture that waits for no other camera's, and shows none of theirs. */
  function renew() {
    image.stop();
    image = picture('huge');
  }

  function render(label, mode) {
    setText(byId('detail-mode'), mode);
    if (!label || label === shown) return;
    if (label.stream !== shown?.stream) renew();
    shown = label;
    image.show(imageUrl(label));
    const { sign, word, kind } = markOf(label);
    pane.replaceChildren(
      h('div', { class: 'head' }, image.element, summary(label, { sign, word, kind })),
      ...(label.outcome.kind === 'classified' ? [candidates(label), figures(label)] : [reason(label)]),
      identity(label),
    );
  }

  return { render };
}

function summary(label, { sign, word, kind }) {
  const { outcome, truth } = label;
  return h(
    'div',
    { class: 'summary' },
    h('h3', {}, nameOf(label)),
    outcome.kind === 'classified' ? h('p', { class: 'big' }, posterior(outcome.posterior)) : undefined,
    h('p', { class: `judged ${kind}` }, `${sign} ${word}`),
    truth && truth.classId !== null ? h('p', { class: 'note' }, `Truth: ${truth.name}`) : undefined,
  );
}

function candidates({ outcome, truth }) {
  const rows = outcome.top.map((entry, place) => {
    const kind =
      entry.classId === truth?.classId ? 'ok' : place === 0 && truth ? (truth.classId === null ? 'warn' : 'bad') : '';
    return posteriorRow(entry, kind);
  });
  return h('ol', { class: 'candidates', 'aria-label': 'Most probable classes' }, ...rows);
}

function figures({ outcome, labelledAtMs, capturedAtMs }) {
  const { margin, logEvidence, logLikelihood, disagreement, orders, rows, rounds, pruned, ruledOut } = outcome;
  return pairs([
    ['Margin, nat', decimal(margin)],
    ['log p(x), nat', decimal(logEvidence)],
    ['log p(x|class), nat', decimal(logLikelihood)],
    ['Disagreement', percent(disagreement)],
    ['Orders', count(orders)],
    ['Rows', count(rows)],
    ['Rounds', count(rounds)],
    ['Classes ruled out', count(ruledOut)],
    ['Classes pruned', count(pruned)],
    ['Latency', duration(labelledAtMs - capturedAtMs)],
  ]);
}

function reason({ outcome }) {
  if (outcome.kind === 'expired') return pairs([['Older than', duration(outcome.maxAgeMs)]]);
  return widePairs([
    ['Code', outcome.code],
    ['Stage', outcome.stage],
    ['Message', outcome.message],
  ]);
}

function identity({ stream, source, id, key, capturedAtMs, profile, outcome }) {
  return widePairs([
    ['Camera', stream],
    ['Taken at', clock(capturedAtMs)],
    ['Image', `${source} ${id}`],
    ['Label at', key],
    ['Profile', profile || '–'],
    ...(outcome.kind === 'classified' ? [['Statistic', outcome.statistic]] : []),
  ]);
}

function pairs(entries, kind = '') {
  return h(
    'dl',
    { class: `pairs ${kind}` },
    ...entries.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

const widePairs = (entries) => pairs(entries, 'wide');
