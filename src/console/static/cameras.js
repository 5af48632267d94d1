import { arrange, byId, keep, setText } from './dom.js';
import { markName } from './labels.js';
import { cameraTile } from './tile.js';

const HISTORY = 24;
const SHOWN = 48;
/** A camera that is this much behind the others counts as silent. */
const SILENT_MS = 60_000;
/** A camera that is this much behind one without a tile makes way for it. */
const KEPT_MS = 600_000;
const names = new Intl.Collator('en', { numeric: true });

/** The cameras' tiles, by name, as of the last `refresh`; `onSelect` is told the name of a stream. */
export function cameraTiles(onSelect) {
  const list = byId('cameras');
  /** What is known of each stream that has a tile. */
  const streams = new Map();
  let tiles = new Map();
  /** When a camera without a tile was last heard of. */
  let othersMs = 0;
  let heard = { count: 0, more: false };
  /** What is shown: the streams in the order of their tiles, and how many they are. */
  let shown = new Map();
  let heading = '';

  /** Replaces everything, from a snapshot. */
  function reset(views) {
    streams.clear();
    for (const { latest, history } of views) streams.set(latest.stream, { latest, history });
  }

  /** Whether the label's camera has a tile or can have one; where all are taken, one that was silent for long makes way. */
  function findPlace({ stream, labelledAtMs }) {
    if (streams.has(stream) || streams.size < SHOWN) return true;
    const stalest = latestOfAll().toSorted((a, b) => a.labelledAtMs - b.labelledAtMs)[0];
    return labelledAtMs - stalest.labelledAtMs > KEPT_MS && streams.delete(stalest.stream);
  }

  function add(label) {
    if (!findPlace(label)) {
      othersMs = label.labelledAtMs;
      return;
    }
    const history = [...(streams.get(label.stream)?.history ?? []), markName(label)].slice(-HISTORY);
    streams.set(label.stream, { latest: label, history });
  }

  /** Takes how many cameras were heard of lately, as a status tells it. */
  function setHeard(count) {
    heard = count;
  }

  const latestOfAll = () => [...streams.values()].map(({ latest }) => latest);

  /** Takes over what came since the last time. */
  function refresh() {
    const newest = Math.max(othersMs, ...latestOfAll().map(({ labelledAtMs }) => labelledAtMs));
    const isSilent = ({ latest }) => newest - latest.labelledAtMs > SILENT_MS;
    const views = [...streams].map(([name, stream]) => [name, { ...stream, silent: isSilent(stream) }]);
    shown = new Map(views.toSorted(byName));
    heading = shown.size > 0 ? countText(shown.size, heard) : '';
  }

  function render(selected) {
    byId('cameras-empty').hidden = shown.size > 0;
    setText(byId('camera-count'), heading);
    tiles = keep(tiles, [...shown.keys()], (stream) => cameraTile(stream, onSelect));
    for (const [stream, tile] of tiles) tile.render(shown.get(stream), stream === selected);
    arrange(
      list,
      [...tiles.values()].map(({ element }) => element),
    );
  }

  const latest = (stream) => shown.get(stream)?.latest;
  const first = () => shown.keys().next().value;
  return { reset, add, setHeard, refresh, render, latest, first };
}

/** By name, those that fell silent after the others. */
function byName([a, { silent: silentA }], [b, { silent: silentB }]) {
  return Number(silentA) - Number(silentB) || names.compare(a, b);
}

/** How many cameras are shown, and of how many where there are others. */
function countText(shown, { count, more }) {
  return count > shown ? `${shown} of ${count}${more ? ' or more' : ''}` : `${shown}`;
}
