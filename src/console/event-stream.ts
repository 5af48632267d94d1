import type { ServerResponse } from 'node:http';

/** Unsent bytes after which a reader counts as gone; it will connect again and get a fresh snapshot. */
const MAX_UNSENT_BYTES = 1 << 20;

/** Readers of Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStream {
  readonly #readers = new Set<ServerResponse>();

  get readers(): number {
    return this.#readers.size;
  }

  /** Takes over a response whose head was written, until its reader goes. */
  add(response: ServerResponse): void {
    this.#readers.add(response);
    response.on('error', () => {});
    response.on('close', () => this.#readers.delete(response));
  }

  send(event: string, data: unknown): void {
    const text = format(event, data);
    for (const reader of this.#readers) {
      if (reader.writableLength > MAX_UNSENT_BYTES) reader.destroy();
      else reader.write(text);
    }
  }

  /** Ends all streams. */
  close(): void {
    for (const reader of this.#readers) reader.end();
  }
}

/** One event. JSON has no raw line breaks, so that nothing in the data can end the event or begin another. */
export function format(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
