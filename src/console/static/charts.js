const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 300;
const HEIGHT = 60;

/**
 * Draws lines over equal steps of time into an SVG, all on one scale from zero.
 * @param {SVGElement} svg
 * @param {{ values: (number | null)[], kind: string, filled?: boolean }[]} lines the newest value last
 * @param {number} max the value at the top
 */
export function drawLines(svg, lines, max) {
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.replaceChildren(...lines.flatMap((line) => shapes(line, max || 1)));
}

function shapes({ values, kind, filled }, max) {
  const points = values.flatMap((value, index) => (value === null ? [] : [point(index, value, values.length, max)]));
  if (points.length < 2) return [];
  const path = `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}`;
  const line = shape(path, `line ${kind}`);
  const floor = `L${points.at(-1)[0].toFixed(1)},${HEIGHT}L${points[0][0].toFixed(1)},${HEIGHT}Z`;
  return filled ? [shape(path + floor, `area ${kind}`), line] : [line];
}

const point = (index, value, length, max) => [
  (WIDTH * index) / Math.max(1, length - 1),
  HEIGHT - 2 - ((HEIGHT - 4) * value) / max,
];

function shape(path, kind) {
  const element = document.createElementNS(SVG, 'path');
  element.setAttribute('d', path);
  element.setAttribute('class', kind);
  return element;
}

/** Means of runs of `size` values. */
export function means(values, size) {
  const chunks = Array.from({ length: Math.floor(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  );
  return chunks.map((chunk) => chunk.reduce((total, value) => total + value, 0) / size);
}
