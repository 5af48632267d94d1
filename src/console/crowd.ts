/** Streams that were heard of lately, by name alone: as many as are asked for at most, whatever names there are. */
export class Crowd {
  readonly #most: number;
  /** When each was last heard of, milliseconds since 1970, from the one silent for longest to the one heard of last. */
  readonly #heard = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  add(stream: string, atMs: number): void {
    this.#heard.delete(stream);
    this.#heard.set(stream, atMs);
    if (this.#heard.size <= this.#most) return;
    const [oldest = ''] = this.#heard.keys();
    this.#heard.delete(oldest);
  }

  delete(stream: string): void {
    this.#heard.delete(stream);
  }

  /** How many were heard of since then; the others are forgotten. */
  since(fromMs: number): number {
    for (const [stream, atMs] of this.#heard) if (atMs < fromMs) this.#heard.delete(stream);
    return this.#heard.size;
  }
}
