import type { PartitionOffset } from '../ports/log.ts';

/** After this many processes in a row died at an offset, its record is handled alone. */
const DEATHS_BEFORE_ALONE = 2;
/** After this many more died while handling it alone, it is given up. */
const DEATHS_ALONE = 3;

/**
 * How often processes died at a partition's committed offset without getting past it. It travels as the offset's
 * metadata: raised when a partition is taken over, cleared by every commit that moves on, taken back by an orderly leave
 * and by an end that the process reports as an error.
 */
export interface Suspicion {
  /** Takeovers at this offset that ended in neither progress nor an orderly leave, nor an error that was reported. */
  starts: number;
  /** Times its first record was handled alone. */
  alone: number;
}

const NONE: Suspicion = { starts: 0, alone: 0 };

/** The suspicion that a committed offset carries. Metadata of any other form means none. */
export function readSuspicion(metadata: PartitionOffset['metadata']): Suspicion {
  const match = /^starts=(\d{1,6}) alone=(\d{1,6})$/.exec(metadata);
  return match ? { starts: Number(match[1]), alone: Number(match[2]) } : NONE;
}

export function writeSuspicion({ starts, alone }: Suspicion): string {
  return `starts=${starts} alone=${alone}`;
}

/** Whether the record at the offset must be handled with nothing else in hand. */
export function mustBeAlone({ starts }: Suspicion): boolean {
  return starts > DEATHS_BEFORE_ALONE;
}

/** Whether the record at the offset has killed its last process. */
export function isPoison({ alone }: Suspicion): boolean {
  return alone >= DEATHS_ALONE;
}
