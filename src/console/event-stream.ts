import type { ServerResponse } from 'node:http';

/**
 * Unsent bytes after which a reader counts as gone; it will connect again and get a fresh snapshot. Those of its snapshot
 * do not count: a reader of a large one would else be cut off again and again.
 */
const MAX_UNSENT_BYTES = 1 << 20;

/** Readers of Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStream {
  /** With how many bytes each was sent since its snapshot. */
  readonly #readers = new Map<ServerResponse, number>();

  get readers(): number {
    return this.#readers.size;
  }

  /** Takes over a response to which head and snapshot were written, until its reader goes. */
  add(response: ServerResponse): void {
    this.#readers.set(response, 0);
    response.on('error', () => {});
    response.on('close', () => this.#readers.delete(response));
  }

  send(event: string, data: unknown): void {
    const bytes = Buffer.from(format(event, data));
    for (const [reader, sent] of this.#readers) {
      // The snapshot goes out first, so as long as some of it is unsent, all that was sent since is unsent too.
      if (Math.min(reader.writableLength, sent) > MAX_UNSENT_BYTES) reader.destroy();
      else {
        reader.write(bytes);
        this.#readers.set(reader, sent + bytes.length);
      }
    }
  }

  /** Ends all streams. */
  close(): void {
    for (const reader of this.#readers.keys()) reader.end();
  }
}

/** One event. JSON has no raw line breaks, so that nothing in the data can end the event or begin another. */
export function format(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
