import { arrange, byId, setText } from './dom.js';
import { markName } from './labels.js';
import { cameraTile } from './tile.js';

const HISTORY = 24;
const SHOWN = 48;
/** A camera that is this much behind the others counts as silent. */
const SILENT_MS = 60_000;
const names = new Intl.Collator('en', { numeric: true });

/** The cameras' tiles, by name; `onSelect` is told the name of a stream. */
export function cameraTiles(onSelect) {
  const list = byId('cameras');
  /** What is known of each stream: from the one silent for longest to the one heard of last. */
  const streams = new Map();
  let tiles = new Map();

  /** Replaces everything, from a snapshot. */
  function reset(views) {
    streams.clear();
    for (const { latest, history } of views) streams.set(latest.stream, { latest, history });
  }

  function add(label) {
    const history = [...(streams.get(label.stream)?.history ?? []), markName(label)].slice(-HISTORY);
    streams.delete(label.stream);
    streams.set(label.stream, { latest: label, history });
    if (streams.size > SHOWN) streams.delete(streams.keys().next().value);
  }

  /** By name, those that fell silent after the others. */
  function sorted() {
    const newest = Math.max(...[...streams.values()].map(({ latest }) => latest.labelledAtMs));
    for (const stream of streams.values()) stream.silent = newest - stream.latest.labelledAtMs > SILENT_MS;
    const rank = (name) => Number(streams.get(name).silent);
    return [...streams.keys()].toSorted((a, b) => rank(a) - rank(b) || names.compare(a, b));
  }

  function render(selected) {
    byId('cameras-empty').hidden = streams.size > 0;
    setText(byId('camera-count'), streams.size > 0 ? `${streams.size}` : '');
    tiles = new Map(sorted().map((stream) => [stream, tiles.get(stream) ?? cameraTile(stream, onSelect)]));
    for (const [stream, tile] of tiles) tile.render(streams.get(stream), stream === selected);
    arrange(
      list,
      [...tiles.values()].map(({ element }) => element),
    );
  }

  return { reset, add, render, latest: (stream) => streams.get(stream)?.latest, first: () => sorted()[0] };
}
