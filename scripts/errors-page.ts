/** Writes docs/errors.md from the list of codes in src/error-codes.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, type ErrorCode, isErrorCode } from '../src/errors.ts';
import { MOST_ATTEMPTS } from '../src/runtime/attempt.ts';

/** The page as it should be. */
export function errorsPage(): string {
  const rows = Object.keys(ERRORS).filter(isErrorCode).map(row);
  return `# Errors

Every error that Ordo raises on purpose carries one of these codes; a code keeps its meaning for good. *Then* is what a running pipeline does. What is *tried again* passes by itself or once somebody has helped (a disk with room, a service that answers), and nothing is lost meanwhile. A *dead letter* holds the record whole, its image gets the outcome \`failed\`, and the others go on: [operations.md](operations.md#dead-letters). What *ends the process*, most of it at the start, is written to stderr, and what was not committed is read again by the next. Commands that run no pipeline end with an error, or report it of the one image or dead letter that it is about and go on; \`ordo --help\` lists their exit codes.

| code | means | then | what helps |
|---|---|---|---|
${rows.join('\n')}
`;
}

function row(code: ErrorCode): string {
  const { follows, summary, remedy } = ERRORS[code];
  const attempts = MOST_ATTEMPTS[code];
  const what = attempts ? `tried up to ${attempts} times, then dead letter` : follows;
  return `| \`${code}\` | ${summary} | ${what} | ${remedy} |`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '..', 'docs', 'errors.md'), errorsPage());
