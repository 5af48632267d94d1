import type { Handler } from '../ports/handler.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { FinishedRun } from './tracker.ts';

/** Counts what a commit brought: the records that it published, and those that were given up in it; tells the handler. */
export function countCommitted(
  runs: readonly FinishedRun[],
  { handler, telemetry }: { handler: Handler; telemetry: Telemetry },
): void {
  const stage = handler.name;
  const published = runs.flatMap(({ outputs }) => outputs);
  for (const { topic } of published) telemetry.count('ordo_records_published_total', { stage, topic });
  for (const code of runs.flatMap(({ failures }) => failures)) {
    telemetry.count('ordo_dead_letters_total', { stage, code });
  }
  handler.onCommitted?.(published);
}
