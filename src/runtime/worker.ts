import { sha256, toHex } from '../domain/digest.ts';
import { asOrdoError, OrdoError } from '../errors.ts';
import type { Handler } from '../ports/handler.ts';
import type { LogRecord } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import { nameOf } from '../ports/place-name.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Slots } from '../concurrency/slots.ts';
import { attempt, unwanted } from './attempt.ts';
import type { Entry } from './tracker.ts';

export interface WorkerOptions {
  handler: Handler;
  signal: AbortSignal;
  /**
   * Most records that are tried again at a time, half of them of one partition: after an outage all come at once, and
   * each may need much memory; those of one partition may hang.
   */
  mostRetries: number;
  /** A record met with a passing error and is to be tried again. */
  onRetry: (entry: Entry, error: OrdoError) => void;
  /** Whether the record is this process's still: another's is not tried again. */
  isHeld: (entry: Entry) => boolean;
  telemetry: Telemetry;
  logger: Logger;
}

/** What a record came to: its outputs, or those of giving it up, and why. */
export type Handled = Required<Pick<Entry, 'outputs'>> & Pick<Entry, 'failure'>;

/** Brings single records through a handler, whatever happens to them. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #retries: Slots;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#retries = new Slots(options.mostRetries);
  }

  /** The record's outputs, or those of giving it up; undefined if the work was cut off by a stop, or the record lost. */
  async handle(entry: Entry): Promise<Handled | undefined> {
    const { record } = entry;
    const { handler, telemetry } = this.#options;
    const stage = handler.name;
    const started = performance.now();
    telemetry.count('ordo_records_consumed_total', { stage, topic: record.topic });
    telemetry.observe('ordo_record_age_seconds', { stage }, Math.max(0, Date.now() - record.timestampMs) / 1000);
    const handled = await this.#attempt(entry);
    telemetry.observe('ordo_stage_seconds', { stage }, (performance.now() - started) / 1000);
    return handled;
  }

  /** The outputs of a record that cannot be handled. */
  giveUp(record: LogRecord, error: OrdoError, kept = record): Handled {
    const { handler, logger } = this.#options;
    const { topic, partition, offset } = record;
    const details = error.code === 'INTERNAL' ? { err: error.cause } : {};
    logger.warn({ code: error.code, stage: handler.name, topic, partition, offset, ...details }, error.reason);
    return { outputs: handler.giveUp(record, error, kept), failure: error.code };
  }

  /**
   * Puts smaller outputs in the place of those that the log does not take: first those of giving the record up, then
   * those without what it holds. Throws the error if these are too large as well.
   */
  shrink(entry: Entry, error: OrdoError): void {
    entry.cuts = (entry.cuts ?? 0) + 1;
    if (entry.cuts > 2) throw error;
    const { record } = entry;
    const smaller =
      entry.cuts === 1 ? this.giveUp(record, error) : this.giveUp(record, leftOut(record, error), hollow(record));
    Object.assign(entry, smaller);
  }

  async #attempt(entry: Entry): Promise<Handled | undefined> {
    const { record } = entry;
    const { handler, signal } = this.#options;
    const onRetry = (error: OrdoError) => this.#options.onRetry(entry, error);
    const isWanted = () => this.#options.isHeld(entry);
    const handle = () => handler.handle(record);
    // It may have been lost while it waited for its turn.
    const again = () => (isWanted() ? handle() : Promise.reject(unwanted()));
    const work = (count: number) => (count === 1 ? handle() : this.#retries.run(nameOf(record), again, signal));
    try {
      return { outputs: await attempt(work, { signal, onRetry, isWanted }) };
    } catch (cause) {
      const error = asOrdoError(cause);
      return error.code === 'STOPPED' ? undefined : this.giveUp(record, error);
    }
  }
}

const MOST_PART_BYTES = 1024;
const IDENTITY = new Set(['ce_id', 'ce_source', 'ce_time', 'ce_type']);

/** The record without its value, and of the rest what tells which one it is. */
function hollow(record: LogRecord): LogRecord {
  const headers = Object.entries(record.headers).filter(
    ([name, text]) => IDENTITY.has(name) && text.length <= MOST_PART_BYTES,
  );
  const key = record.key.subarray(0, MOST_PART_BYTES);
  return { ...record, key, headers: Object.fromEntries(headers), value: new Uint8Array() };
}

function leftOut({ value }: LogRecord, { code, message, cause }: OrdoError): OrdoError {
  const what = `its value of ${value.length} bytes, SHA-256 ${toHex(sha256(value))}, is left out of the dead letter`;
  return new OrdoError(code, `${message}; ${what}`, { cause });
}
