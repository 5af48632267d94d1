import type { Problem } from '../adapters/http/health.ts';
import { asOrdoError, type OrdoError } from '../errors.ts';
import type { LogRecord } from '../ports/log.ts';

/** How long an unreadable record is told of, after which another one would be news. */
const RECORD_MS = 300_000;

interface Trouble {
  name: string;
  error: OrdoError;
  /** When it is no longer told of. */
  untilMs: number;
}

/** What keeps the console from showing everything: what lasts until it is over, and single records, which pass. */
export class Troubles {
  readonly #now: () => number;
  readonly #troubles = new Map<string, Trouble>();

  /** `now` gives milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Something is amiss until it is `over`. */
  began(name: string, error: OrdoError): void {
    this.#troubles.set(name, { name, error, untilMs: Infinity });
  }

  over(name: string): void {
    this.#troubles.delete(name);
  }

  /** A record cannot be read. Of each topic only the last one is told, for five minutes. */
  unreadable({ topic, partition, offset }: LogRecord, error: unknown): void {
    const name = `${topic}, partition ${partition}, offset ${offset}`;
    this.#troubles.set(`record of ${topic}`, { name, error: asOrdoError(error), untilMs: this.#now() + RECORD_MS });
  }

  /** What is amiss now. */
  problems(): Problem[] {
    const nowMs = this.#now();
    for (const [key, { untilMs }] of this.#troubles) if (untilMs <= nowMs) this.#troubles.delete(key);
    return [...this.#troubles.values()].map(({ name, error }) => ({
      name,
      message: `${error.code}: ${error.message}`,
    }));
  }
}
