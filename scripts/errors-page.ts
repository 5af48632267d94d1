/** Writes docs/errors.md from the list of codes in src/errors.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../src/errors.ts';

/** The page as it should be. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { retriable, summary }]) => `| \`${code}\` | ${summary} | ${retriable ? 'tried again' : 'final'} |`,
  );
  return `# Errors

Every error that Ordo raises on purpose carries one of these codes; a code keeps its meaning for good. What is *tried again* passes by itself or once somebody has helped (a disk with room, a service that answers); a record that meets a *final* error becomes a dead letter with that code. \`BLOB_UNAVAILABLE\` is tried eight times, since it concerns one image alone.

| code | means | then |
|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '..', 'docs', 'errors.md'), errorsPage());
