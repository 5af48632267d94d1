import type { StageName } from '../../src/app/spec.ts';
import type { Member } from '../processes/process.ts';

/** What each process used at a moment, by its place in the list. */
export interface Moment {
  hours: number;
  residentMb: number[];
  heapMb: number[];
  handles: number[];
}

const MB = 1 << 20;

export async function sampleAll(members: readonly Member[]): Promise<Moment> {
  const samples = await Promise.all(members.map((member) => member.sample()));
  return {
    hours: performance.now() / 3_600_000,
    residentMb: samples.map(({ residentBytes }) => round(residentBytes / MB)),
    heapMb: samples.map(({ heapBytes }) => round(heapBytes / MB)),
    handles: samples.map(({ handles }) => handles),
  };
}

/** How memory and handles of each process went, without the first minutes: medians of quarters, slopes in MB an hour. */
export function trends(names: readonly StageName[], moments: readonly Moment[], warmUpMinutes: number) {
  const first = (moments[0]?.hours ?? 0) + warmUpMinutes / 60;
  const late = moments.filter(({ hours }) => hours >= first);
  return names.map((stage, at) => {
    const series = (key: 'residentMb' | 'heapMb' | 'handles') =>
      late.map((moment) => ({ x: moment.hours, y: moment[key][at] ?? Number.NaN }));
    return {
      stage,
      samples: late.length,
      residentMb: quarters(series('residentMb').map(({ y }) => y)),
      heapMb: quarters(series('heapMb').map(({ y }) => y)),
      residentMbPerHour: round(slope(series('residentMb'))),
      heapMbPerHour: round(slope(series('heapMb'))),
      handles: quarters(series('handles').map(({ y }) => y)),
    };
  });
}

function quarters(series: readonly number[]): number[] {
  const size = Math.ceil(series.length / 4);
  return [0, 1, 2, 3].map((quarter) => median(series.slice(quarter * size, (quarter + 1) * size)));
}

/** The slope of the line that fits best by least squares. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const mean = (key: 'x' | 'y') => points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const [x, y] = [mean('x'), mean('y')];
  const along = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return along / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function round(number: number): number {
  return Number(number.toFixed(2));
}
