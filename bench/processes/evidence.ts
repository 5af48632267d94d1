import { join } from 'node:path';

/** Options of a command that replays plans on recorded evidence, for `parseArgs`. */
export const EVIDENCE_OPTIONS = {
  evidence: { type: 'string' },
  spoiled: { type: 'string' },
  pipeline: { type: 'string', default: join(import.meta.dirname, '..', '..', 'pipelines', 'traffic-signs.yaml') },
} as const;

/** The file of evidence; without one the process ends with its usage. */
export function requireEvidence(path: string | undefined): string {
  if (path === undefined) {
    console.error('usage: --evidence CLEAN.evidence [--spoiled SPOILED.evidence] [--pipeline FILE]');
    process.exit(2);
  }
  return path;
}
