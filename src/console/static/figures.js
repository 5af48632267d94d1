import { drawLines, means } from './charts.js';
import { bar, byId, h, setText } from './dom.js';
import { count, decimal, duration, posterior as chance, wilson } from './format.js';

const SECONDS_A_POINT = 5;
const HISTORY = 300;
const latencies = [];

/** Shows a status event. */
export function showFigures(status) {
  showRate(status);
  showLatency(status.latencyMs);
  showAccuracy(status.accuracy);
  showOutcomes(status);
  showWork(status);
  showLag(status.lag);
}

function showRate({ perSecond, rate }) {
  const values = means(perSecond, SECONDS_A_POINT);
  const peak = Math.max(...values);
  const chart = byId('rate-chart');
  setText(byId('rate'), decimal(rate));
  setText(byId('rate-peak'), peak > 0 ? `peak ${decimal(peak)}` : '');
  drawLines(chart, [{ values, kind: 'first', filled: true }], peak);
  chart.setAttribute(
    'aria-label',
    `Throughput over five minutes: now ${decimal(rate)}, peak ${decimal(peak)} images/s`,
  );
}

function showLatency({ p50, p95 }) {
  latencies.push({ p50, p95 });
  if (latencies.length > HISTORY) latencies.shift();
  const peak = Math.max(0, ...latencies.map((point) => point.p95 ?? 0));
  const chart = byId('latency-chart');
  setText(byId('p50'), duration(p50));
  setText(byId('p95'), duration(p95));
  setText(byId('latency-from'), latencies.length > 1 ? `${duration((latencies.length - 1) * 1000)} ago` : '');
  setText(byId('latency-peak'), peak > 0 ? `peak ${duration(peak)}` : '');
  const series = (key, kind) => ({ values: latencies.map((point) => point[key]), kind });
  drawLines(chart, [series('p95', 'second'), series('p50', 'first')], peak);
  chart.setAttribute('aria-label', `Latency: median ${duration(p50)}, 95th percentile ${duration(p95)}`);
}

function showAccuracy({ right, judged }) {
  const track = byId('accuracy-bar');
  track.hidden = judged === 0;
  if (judged === 0) {
    setText(byId('accuracy'), '–');
    setText(byId('accuracy-note'), 'No image came with its true label so far.');
    return;
  }
  const [low, high] = wilson(right, judged).map((share) => (100 * share).toFixed(1));
  setText(byId('accuracy'), `${((100 * right) / judged).toFixed(1)}%`);
  setText(byId('accuracy-note'), `${count(right)} of ${count(judged)} right; 95% interval ${low} to ${high}%`);
  track.firstElementChild.style.width = `${(100 * right) / judged}%`;
}

function showOutcomes({ outcomes, deadLetters }) {
  for (const [outcome, seen] of Object.entries(outcomes)) setText(byId(outcome), count(seen));
  setText(byId('dead-letters'), count(deadLetters));
}

function showWork({ perImage, logEvidence }) {
  setText(byId('orders'), decimal(perImage.orders));
  setText(byId('rows'), decimal(perImage.rows, 0));
  setText(byId('evidence'), decimal(logEvidence.classes));
  setText(byId('evidence-none'), decimal(logEvidence.none));
  byId('none-row').hidden = logEvidence.noneSeen === 0;
}

function showLag(lag) {
  const most = Math.max(50, ...lag.map(({ records }) => records));
  byId('lag').replaceChildren(
    ...lag.map(({ stage, records }) =>
      h('div', {}, h('dt', {}, stage), h('dd', {}, bar(records / most, records >= 50 ? 'warn' : ''), count(records))),
    ),
  );
}

/** A share as a bar with its figure, for a list of classes. */
export function posteriorRow({ name, posterior }, kind) {
  return h(
    'li',
    {},
    h('span', { class: 'name' }, name),
    bar(posterior, kind),
    h('span', { class: 'share' }, chance(posterior)),
  );
}
