import type { Contender } from './contender.ts';

/** What a contender did; shares are of what the first contender did in the same round of slices. */
export interface Standing {
  name: string;
  rowsPerSecond: Quartiles;
  share: Quartiles;
  /** The same by processor time, which other load on the machine disturbs less. */
  rowsPerCpuSecond: Quartiles;
  cpuShare: Quartiles;
}

export interface Quartiles {
  q1: number;
  median: number;
  q3: number;
}

interface Rates {
  wall: number[];
  cpu: number[];
}

/**
 * Lets contenders take turns in short slices for `seconds` in all, so that whatever else the machine does meets all of
 * them alike; every round of slices goes through them the other way round. The first round warms up and does not count.
 */
export async function alternate(
  contenders: readonly Contender[],
  seconds: number,
  sliceMs = 2000,
): Promise<Standing[]> {
  const rounds = Math.max(3, Math.round((1000 * seconds) / (sliceMs * contenders.length)));
  const entries = contenders.map((contender) => ({ contender, rates: { wall: [], cpu: [] } as Rates }));
  for (const { contender } of entries) await contender.slice(sliceMs / 4);
  for (let round = 0; round < rounds; round++) {
    for (const entry of round % 2 ? entries.toReversed() : entries)
      await measure(entry.contender, entry.rates, sliceMs);
  }
  const [first] = entries;
  return entries.map(({ contender, rates }) => standing(contender.name, rates, first?.rates ?? rates));
}

async function measure(contender: Contender, { wall, cpu }: Rates, sliceMs: number): Promise<void> {
  const before = process.cpuUsage();
  const { rows, perSecond } = await contender.slice(sliceMs);
  const { user, system } = process.cpuUsage(before);
  wall.push(perSecond);
  cpu.push((1e6 * rows) / (user + system));
}

function standing(name: string, rates: Rates, first: Rates): Standing {
  const shares = (own: number[], base: number[]) => own.map((rate, round) => rate / (base[round] ?? Number.NaN));
  return {
    name,
    rowsPerSecond: quartiles(rates.wall, 1),
    share: quartiles(shares(rates.wall, first.wall), 3),
    rowsPerCpuSecond: quartiles(rates.cpu, 1),
    cpuShare: quartiles(shares(rates.cpu, first.cpu), 3),
  };
}

function quartiles(values: readonly number[], digits: number): Quartiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN).toFixed(digits));
  return { q1: at(0.25), median: at(0.5), q3: at(0.75) };
}

/** Standings as a table for people: medians, and the quartiles of the shares. */
export function table(standings: readonly Standing[]): string {
  const spread = ({ q1, median, q3 }: Quartiles) => `${median.toFixed(3)} (${q1.toFixed(3)} to ${q3.toFixed(3)})`;
  const lines = standings.map(({ name, rowsPerSecond, share, rowsPerCpuSecond, cpuShare }) => {
    const [wall, cpu] = [rowsPerSecond, rowsPerCpuSecond].map(({ median }) => median.toFixed(0).padStart(7));
    return `${name.padEnd(16)}${wall} rows/s  ${spread(share)}  ${cpu} rows/CPU s  ${spread(cpuShare)}`;
  });
  return lines.join('\n');
}
