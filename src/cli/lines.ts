import type { Writable } from 'node:stream';

/** Lines to a stream that takes them in its own time: a pager, a terminal, a program behind a pipe. */
export class Lines {
  readonly #stream: Writable;
  #room: Promise<void> | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Takes a line at once, however much waits in memory already. */
  write(line: string): void {
    // What was destroyed takes nothing, and says so by no event.
    if (this.#stream.write(`${line}\n`) || this.#stream.destroyed) return;
    this.#room ??= roomIn(this.#stream).finally(() => {
      this.#room = undefined;
    });
  }

  /** Resolves once the stream has room: at once unless it was full, and also when it will never take anything again. */
  async room(): Promise<void> {
    await this.#room;
  }
}

function roomIn(stream: Writable): Promise<void> {
  const events = ['drain', 'error', 'close'];
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of events) stream.off(event, settle);
      resolve();
    };
    for (const event of events) stream.on(event, settle);
  });
}
