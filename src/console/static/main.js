import { cameraTiles } from './cameras.js';
import { labelDetail } from './detail.js';
import { byId, h, setText } from './dom.js';
import { labelFeed } from './feed.js';
import { showFigures } from './figures.js';
import { clock, count } from './format.js';
import { nameOf } from './labels.js';

const STALE_MS = 5000;
const RECONNECT_MS = 3000;
const ANNOUNCE_MS = 15_000;

/** @type {{ stream?: string, label?: object, newest?: object, paused: boolean, dirty: boolean, heardAtMs: number, seen: number }} */
const state = { paused: false, dirty: false, heardAtMs: 0, seen: 0 };
const cameras = cameraTiles((stream) => select({ stream }));
const feed = labelFeed((label) => select({ label }));
const detail = labelDetail();

function select({ stream, label }) {
  state.stream = stream;
  state.label = label;
  render();
}

/** Shows what there is, or while paused what there was, with what is selected of it. */
function render() {
  state.dirty = false;
  if (!state.paused) refresh();
  state.stream ??= state.label ? undefined : cameras.first();
  cameras.render(state.stream);
  const label = state.label ?? cameras.latest(state.stream);
  feed.render(state.label?.key);
  detail.render(
    label,
    state.label ? 'held; Esc lets go' : state.stream === undefined ? '' : `latest of ${state.stream}`,
  );
}

function refresh() {
  cameras.refresh();
  feed.refresh();
}

/** Renders once a frame, however many events came. */
function renderSoon() {
  if (state.dirty || state.paused) return;
  state.dirty = true;
  requestAnimationFrame(() => !state.paused && render());
}

function showAbout({ pipeline, model, origin }) {
  document.title = `${pipeline} · Ordo console`;
  setText(byId('pipeline'), pipeline);
  byId('model').replaceChildren(
    `${model.name} ${model.version}, ${model.classes} classes `,
    h('code', { title: model.digest }, model.digest.slice(0, 8)),
  );
  setText(byId('origin'), `Images: ${origin}`);
}

function showProblems(problems) {
  const section = byId('problems');
  section.hidden = problems.length === 0;
  const text = problems.map(({ name, message }) => `${name}: ${message}`);
  if (section.textContent !== text.join('')) section.replaceChildren(...text.map((line) => h('p', {}, line)));
}

function onSnapshot({ about, labels, streams, status }) {
  showAbout(about);
  feed.reset(labels);
  cameras.reset(streams);
  noteProfile(labels);
  if (status) onStatus(status);
  connected();
  renderSoon();
}

function onLabels(labels) {
  feed.add(labels);
  for (const label of labels) cameras.add(label);
  noteProfile(labels);
  state.seen += labels.length;
  state.newest = labels.at(-1);
  renderSoon();
}

function noteProfile(labels) {
  const profile = labels.findLast((label) => label.profile)?.profile;
  if (profile) byId('profile').replaceChildren(h('code', { title: profile }, profile.slice(0, 8)));
}

function onStatus(status) {
  cameras.setHeard(status.streams);
  showFigures(status);
  showProblems(status.problems);
  connected();
}

const CONNECTION = { connecting: 'Connecting', live: 'Live', stale: 'No news', lost: 'Connection lost' };

function connected() {
  state.heardAtMs = Date.now();
  setConnection('live');
}

function setConnection(name) {
  document.body.dataset.connection = name;
  const since = state.heardAtMs > 0 && name !== 'live' ? `; as of ${clock(state.heardAtMs)}` : '';
  setText(byId('connection'), `${CONNECTION[name]}${since}`);
}

function connect() {
  const events = new EventSource('/events');
  const on = (name, handle) => events.addEventListener(name, ({ data }) => handle(JSON.parse(data)));
  on('snapshot', onSnapshot);
  on('labels', onLabels);
  on('status', onStatus);
  events.addEventListener('error', () => {
    setConnection('lost');
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, RECONNECT_MS);
  });
}

function setPaused(paused) {
  state.paused = paused;
  const button = byId('pause');
  button.setAttribute('aria-pressed', String(paused));
  setText(button, paused ? 'Resume' : 'Pause');
  if (!paused) render();
}

/** Tells those who do not see the page what happened, seldom enough to be listened to. */
function announce() {
  if (state.seen === 0 || state.paused) return;
  setText(
    byId('announcement'),
    `${count(state.seen)} new labels; the last: ${state.newest.stream}, ${nameOf(state.newest)}`,
  );
  state.seen = 0;
}

byId('pause').addEventListener('click', () => setPaused(!state.paused));
document.addEventListener('keydown', (event) => {
  if (event.key === 'p' && !event.ctrlKey && !event.metaKey && !event.altKey) setPaused(!state.paused);
  if (event.key === 'Escape') select({});
});
setInterval(() => {
  if (document.body.dataset.connection === 'live' && Date.now() - state.heardAtMs > STALE_MS) setConnection('stale');
}, 1000);
setInterval(announce, ANNOUNCE_MS);
connect();
