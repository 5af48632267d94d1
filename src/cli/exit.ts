import type { ErrorCode } from '../errors.ts';

/** How a command ends. 66 to 70 are those of sysexits(3). */
export const EXIT = {
  ok: 0,
  /** The command ran through, and some of its inputs failed, something differs, or a check did not pass. */
  someFailed: 1,
  usage: 2,
  /** An input, pipeline or model is not there or not valid. */
  input: 66,
  /** Something the command needs does not serve: the log, a port, a disk. */
  unavailable: 69,
  /** A defect in Ordo. */
  internal: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The same for `ordo --help`. */
export const EXIT_HELP = `Exit codes:
  0    done
  1    done, but some inputs failed, something differs, or a check did not pass
  2    the command line is wrong
  66   an input, pipeline or model is not there or not valid
  69   the log, a port, a disk or an accelerator does not serve
  70   a defect in Ordo
  128+ ended by a signal (129: SIGHUP, 130: SIGINT or Ctrl-C, 143: SIGTERM)`;

/** By the first prefix that the error's code starts with. */
const BY_PREFIX: readonly (readonly [string, ExitCode])[] = [
  ['USAGE', EXIT.usage],
  ['INPUT_', EXIT.input],
  ['PIPELINE_', EXIT.input],
  ['MODEL_', EXIT.input],
  ['LABELS_', EXIT.input],
  ['EVIDENCE_', EXIT.input],
  ['PROFILE_', EXIT.input],
  ['IMAGE_', EXIT.input],
  ['RECORD_', EXIT.input],
  ['LOG_OFFSET_INVALID', EXIT.input],
  ['LOG_', EXIT.unavailable],
  ['BLOB_UNAVAILABLE', EXIT.unavailable],
  ['BLOB_', EXIT.input],
  ['OUTPUT_', EXIT.unavailable],
  ['PORT_IN_USE', EXIT.unavailable],
  ['PROVIDER_', EXIT.unavailable],
  ['SCORER_NOT_FINITE', EXIT.input],
  ['SCORER_', EXIT.unavailable],
  ['DECODER_', EXIT.unavailable],
  ['STOPPED', EXIT.unavailable],
];

/** The exit code of a command that an error ended. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? EXIT.internal;
}
