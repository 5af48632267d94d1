/** The kinds of fields that a pipeline file has. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN } from './units.ts';

/** What every field's message says: the loader puts `expected` before it and what was found after it. */
export const expected = (what: string) => ({ error: what });

/** A mapping whose keys are all known; an unknown key's message lists the known ones. */
export function section<S extends z.ZodRawShape>(shape: S, description?: string) {
  const known = Object.keys(shape).join(', ');
  const schema = z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : `a mapping of ${known}`),
  });
  return description ? schema.describe(description) : schema;
}

export function whole(min: number, max?: number) {
  const what = max === undefined ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  const schema = z.int(expected(what)).min(min, expected(what));
  return max === undefined ? schema : schema.max(max, expected(what));
}

export function positive() {
  return z.number(expected('a number above 0')).positive(expected('a number above 0'));
}

export function atLeastZero() {
  return z.number(expected('a number of at least 0')).min(0, expected('a number of at least 0'));
}

export function text(what: string) {
  return z.string(expected(what)).min(1, expected(what));
}

const SIZE = 'a size above zero such as 256KiB, 20MiB or a number of bytes';

export function size() {
  return z
    .union(
      [z.int(expected(SIZE)).min(1, expected(SIZE)), z.string(expected(SIZE)).regex(SIZE_PATTERN, expected(SIZE))],
      {
        error: SIZE,
      },
    )
    .transform((value, context) =>
      measured(typeof value === 'number' ? value : parseSize(value), { min: 1, max: Infinity, what: SIZE }, context),
    );
}

const DAY_MS = 86_400_000;
/** Node's timers take 2^31 - 1 milliseconds at most, and fire at once where more is asked of them. */
const LONGEST_TIMER_DAYS = 24;

/** A duration in milliseconds that something is waited for, of at least `min`. */
export function wait(min: 0 | 1) {
  const what = `a duration${min === 0 ? '' : ' above zero'} such as 5ms or 10s, at most ${LONGEST_TIMER_DAYS}d`;
  return durationUpTo(LONGEST_TIMER_DAYS * DAY_MS, min, what);
}

/** A duration in milliseconds of at least `min`. */
export function duration(min: 0 | 1) {
  return durationUpTo(Infinity, min, `a duration${min === 0 ? '' : ' above zero'} such as 5ms, 10s or 7d`);
}

function durationUpTo(max: number, min: number, what: string) {
  return z
    .string(expected(what))
    .regex(DURATION_PATTERN, expected(what))
    .transform((value, context) => measured(parseDuration(value), { min, max, what }, context));
}

function measured(
  amount: number | undefined,
  { min, max, what }: { min: number; max: number; what: string },
  context: z.RefinementCtx,
): number {
  if (amount !== undefined && amount >= min && amount <= max) return amount;
  context.addIssue({ code: 'custom', message: what });
  return z.NEVER;
}

export function path(description: string) {
  return text('a path').describe(`${description} Relative to this file.`);
}

export function oneOf<const V extends readonly [string, ...string[]]>(values: V) {
  return z.enum(values, expected(values.map((value) => `"${value}"`).join(' or ')));
}

const HTTP_URL = 'an http: or https: URL';

export function httpUrl() {
  return z.url({ protocol: /^https?$/, error: HTTP_URL, abort: true });
}

/** An HTTP URL that may be printed, as all of a pipeline file may. `instead` says where a password belongs. */
export function openHttpUrl(instead = '') {
  return httpUrl().refine((url) => !namesUser(url), expected(`${HTTP_URL} without user and password${instead}`));
}

/** Whether a URL holds a user's name or a password. */
export function namesUser(url: string): boolean {
  const parsed = URL.parse(url);
  return Boolean(parsed?.username || parsed?.password);
}
