const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `256KiB`, `1.5GB`, `4096B`. */
export const SIZE_PATTERN = unitPattern(BYTES);
/** `5ms`, `10s`, `1.5h`, `7d`. */
export const DURATION_PATTERN = unitPattern(MILLISECONDS);

/** Bytes of a size as SIZE_PATTERN describes it, rounded down; undefined if it is none. */
export function parseSize(text: string): number | undefined {
  return measure(text, SIZE_PATTERN, BYTES);
}

/** Milliseconds of a duration as DURATION_PATTERN describes it, rounded down; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  return measure(text, DURATION_PATTERN, MILLISECONDS);
}

function unitPattern(units: Readonly<Record<string, number>>): RegExp {
  return new RegExp(`^([0-9]+(?:\\.[0-9]+)?) ?(${Object.keys(units).join('|')})$`);
}

function measure(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const amount = Math.floor(Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN));
  return Number.isSafeInteger(amount) ? amount : undefined;
}
