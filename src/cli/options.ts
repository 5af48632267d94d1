import { InvalidArgumentError, Option } from 'commander';
import { PROVIDERS } from '../ports/scorer.ts';
import { STAGES, type StageName } from '../app/spec.ts';
import { parseDuration } from '../app/units.ts';

/** Parses an option's value as a whole number of at least `min`, and at most `max` where that is given. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const bounds = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of at least ${min}`;
  return (text) => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number ${bounds}.`);
  };
}

/** Parses an option's value as a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** A moment: an ISO 8601 date and time, or how long ago (`90s`, `2h`, `7d`). Milliseconds since 1970. */
export function moment(text: string): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return Date.now() - ago;
  const value = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(value)) return value;
  throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z, or how long ago, such as 2h.');
}

/** A URI reference (RFC 3986), as CloudEvents wants sources to be. */
export function uriReference(text: string): string {
  if (/^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a URI or a part of one, without spaces.');
}

/**
 * Collects the values of an option that takes several. Such an option takes every word up to the next option, an argument
 * behind it as well: each is looked at, and one that is no value is an error that says where arguments go.
 */
export function several<T extends string>(isValue: (text: string) => text is T, expected: string) {
  return (text: string, values: readonly T[] = []): T[] => {
    if (isValue(text)) return [...values, text];
    throw new InvalidArgumentError(
      `It must be ${expected}. The option takes every word up to the next option: arguments go before it.`,
    );
  };
}

/** An option that takes stages. */
export function stagesOption(description: string): Option {
  const isStage = (text: string): text is StageName => STAGES.some((stage) => stage === text);
  return new Option('--stage <name...>', description)
    .choices(STAGES)
    .argParser(several(isStage, `one of ${STAGES.join(', ')}`));
}

/** The same option for every command that scores. */
export function providerOption(): Option {
  return new Option('--provider <name>', 'what computes here, in place of that in the pipeline file').choices(
    PROVIDERS,
  );
}

/** The same option for every command. */
export function jsonOption(): Option {
  return new Option('--json', 'one JSON object a line on stdout');
}
