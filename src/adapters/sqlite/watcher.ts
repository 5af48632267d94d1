import type { Database } from './database.ts';

const FASTEST_MS = 5;
const SLOWEST_MS = 50;
const BACK_OFF = 1.3;

/**
 * Notices what other processes committed: PRAGMA data_version changes when another connection wrote. It is asked every
 * 5 ms while there is traffic and less and less often, down to every 50 ms, while there is none.
 */
export class Watcher {
  readonly #database: Database;
  readonly #onChange: () => boolean;
  #version: number;
  #pauseMs = FASTEST_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  /** `onChange` says whether somebody was waiting for the change. */
  constructor(database: Database, onChange: () => boolean) {
    this.#database = database;
    this.#onChange = onChange;
    this.#version = this.#read();
  }

  /** Begins to watch, if it does not yet. */
  start(): void {
    if (this.#stopped) this.hasten();
  }

  /** Looks often for a while: what was just written here may soon be answered from elsewhere. */
  hasten(): void {
    this.stop();
    this.#stopped = false;
    this.#pauseMs = FASTEST_MS;
    this.#timer = setTimeout(() => this.#look(), this.#pauseMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped = true;
  }

  #look(): void {
    const served = this.#notice();
    this.#pauseMs = served ? FASTEST_MS : Math.min(SLOWEST_MS, this.#pauseMs * BACK_OFF);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#look(), this.#pauseMs);
  }

  /**
   * Whether there was a change that somebody waited for. What fails here is tried again at the next look; if it still
   * fails, the next call reports it.
   */
  #notice(): boolean {
    try {
      const version = this.#read();
      if (version === this.#version) return false;
      const served = this.#onChange();
      this.#version = version;
      return served;
    } catch {
      return false;
    }
  }

  #read(): number {
    return this.#database.number('PRAGMA data_version');
  }
}
