/** How an outcome is shown: a sign and a word beside the colour, for those who cannot tell colours apart. */
const MARKS = {
  right: { sign: '✓', word: 'right', kind: 'ok' },
  wrong: { sign: '✗', word: 'wrong', kind: 'bad' },
  none: { sign: '∅', word: 'none of the classes', kind: 'warn' },
  unknown: { sign: '·', word: 'truth not known', kind: 'muted' },
  failed: { sign: '!', word: 'failed', kind: 'bad' },
  expired: { sign: '–', word: 'expired', kind: 'warn' },
};

export const markNamed = (name) => MARKS[name] ?? MARKS.unknown;

export function markName({ outcome, truth, right }) {
  if (outcome.kind !== 'classified') return outcome.kind;
  if (!truth) return 'unknown';
  if (right === undefined) return 'none';
  return right ? 'right' : 'wrong';
}

export const markOf = (label) => markNamed(markName(label));

/** What the image was found to be, in words. */
export function nameOf({ outcome }) {
  if (outcome.kind === 'classified') return outcome.name;
  return outcome.kind === 'failed' ? outcome.code || 'failed' : 'expired';
}

export const imageUrl = ({ source, id }) => `/image?${new URLSearchParams({ source, id })}`;

export const FILTERS = {
  all: () => true,
  wrong: (label) => markName(label) === 'wrong',
  unsure: ({ outcome }) => outcome.kind === 'classified' && outcome.posterior < 0.9,
  failed: ({ outcome }) => outcome.kind !== 'classified',
};
