import { createHash } from 'node:crypto';
import type { NumericProfile } from './scorer.ts';

/**
 * The name of a numeric profile, as it stands on records: the first 16 hex digits of the SHA-256 of the profile as
 * JSON with its fields in alphabetical order. Equal profiles have equal fingerprints in every process.
 */
export function profileFingerprint(profile: NumericProfile): string {
  const fields = Object.entries(profile).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify(Object.fromEntries(fields));
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16);
}
