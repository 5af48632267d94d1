import type { OrdoError } from '../errors.ts';
import type { LogRecord, NewRecord } from './log.ts';

/**
 * The Handler port: what the runtime runs over the log, and what a stage is. Records in, records out: a deterministic
 * function of the record (and, where images expire, of the clock), so handling a record twice gives the same bytes twice.
 */
export interface Handler {
  readonly name: string;
  /** Topics read, in order of priority. */
  readonly inputs: readonly string[];
  /** What follows from the record. Rejects with an OrdoError; a retriable one asks to be called again. */
  handle(record: LogRecord): Promise<NewRecord[]>;
  /**
   * What follows from a record that cannot be handled: its dead letter and, for an image, the outcome `failed`. `kept` is
   * what the letter holds of the record, where all of it is too much.
   */
  giveUp(record: LogRecord, error: OrdoError, kept?: LogRecord): NewRecord[];
  /** Told of outputs that are on the log now, so that only these are counted: others are dropped, and made again. */
  onCommitted?(outputs: readonly NewRecord[]): void;
}
