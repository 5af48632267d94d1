import { rowLogLikelihood } from '../domain/evidence.ts';
import { fillTile, type RowTile } from '../domain/tiles.ts';
import { OrdoError } from '../errors.ts';
import type { NumericProfile, RoundRequest, RoundScorer, Scorer } from '../ports/scorer.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Flush, TileQueue } from './tile-queue.ts';

export interface MicroBatcherOptions {
  /** Tokens of an image, N. */
  positions: number;
  /** Longest wait of a row for its tile to fill, while the device has room. */
  maxDelayMs: number;
  telemetry: Telemetry;
}

/** A round on its way: rows not yet scored, and its results so far. */
interface PendingRound {
  request: RoundRequest;
  left: number;
  results: Int32Array;
  failed: boolean;
  resolve: (results: Int32Array) => void;
  reject: (error: unknown) => void;
}

/** Tiles with the scorer at once, for each that it computes side by side: one running, one next in line. */
export const AHEAD = 2;

/**
 * Micro-batches: packs the rows of many images' rounds into tiles and unpacks the results.
 *
 * Tiles are packed as late as the device allows: only the tiles it computes and one ahead of each are sent, what comes
 * meanwhile fills the next ones. Which tile goes when is TileQueue's rule. Tiles that are not full leave at the end of
 * an event-loop turn at the earliest, so that rounds that arrive together travel together. A tile that fails rejects
 * the rounds with rows in it and no others; a row without a finite result rejects its own round alone.
 */
export class MicroBatcher implements RoundScorer {
  readonly profile: NumericProfile;
  readonly #scorer: Scorer;
  readonly #options: MicroBatcherOptions;
  readonly #queue: TileQueue<PendingRound>;
  readonly #pending = new Set<Promise<unknown>>();
  #sent = 0;
  #closing = false;
  #turnEnd: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(scorer: Scorer, options: MicroBatcherOptions) {
    this.profile = scorer.profile;
    this.#scorer = scorer;
    this.#options = options;
    this.#queue = new TileQueue(scorer.tileRows, options.maxDelayMs);
  }

  /** Errors: those of the port, and STOPPED after `close`. */
  async scoreRound(request: RoundRequest): Promise<Int32Array> {
    if (this.#closing) throw new OrdoError('STOPPED', 'the scorer is closing');
    requireShape(request, this.#options.positions);
    const rows = request.orders.length * request.classes.length;
    if (rows === 0) return new Int32Array(0);
    const scored = this.#enqueue(request, rows);
    this.#dispatch(false);
    return scored;
  }

  /** Waits for the tiles under way; rounds that need others reject with STOPPED. The scorer stays open. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#forsake();
    await Promise.allSettled(this.#pending);
    clearTimeout(this.#timer);
    clearImmediate(this.#turnEnd);
  }

  #forsake(): void {
    for (;;) {
      const ready = this.#queue.next({ nowMs: performance.now(), idle: true });
      if (!ready) return;
      for (const { owner } of ready.tile.rows) fail(owner, new OrdoError('STOPPED', 'the scorer is closing'));
    }
  }

  #enqueue(request: RoundRequest, rows: number): Promise<Int32Array> {
    const scored = new Promise<Int32Array>((resolve, reject) => {
      const round = { request, left: rows, results: new Int32Array(rows), failed: false, resolve, reject };
      this.#queue.add(round, request.prefix, rows, performance.now());
    });
    this.#pending.add(scored);
    const forget = () => this.#pending.delete(scored);
    scored.then(forget, forget);
    return scored;
  }

  /** Sends what may go. `turnEnded`: whether an idle device is a reason. */
  #dispatch(turnEnded: boolean): void {
    const { parallelism } = this.#scorer;
    while (this.#sent < AHEAD * parallelism) {
      const idle = turnEnded && this.#sent < parallelism;
      const ready = this.#queue.next({ nowMs: performance.now(), idle });
      if (!ready) break;
      if (ready.tile.rows.every(({ owner }) => owner.failed)) continue;
      void this.#send(ready.tile, ready.flush, ready.sinceMs);
    }
    this.#wake(turnEnded);
  }

  /** Arranges to look again, if a tile that is not full waits and could go: at the end of this turn, and when it is due. */
  #wake(turnEnded: boolean): void {
    clearTimeout(this.#timer);
    const dueMs = this.#queue.dueMs();
    if (dueMs === undefined || this.#sent >= AHEAD * this.#scorer.parallelism) return;
    this.#timer = setTimeout(() => this.#dispatch(true), Math.max(0, dueMs - performance.now()));
    if (turnEnded) return;
    this.#turnEnd ??= setImmediate(() => {
      this.#turnEnd = undefined;
      this.#dispatch(true);
    });
  }

  async #send(tile: RowTile<PendingRound>, flush: Flush, sinceMs: number): Promise<void> {
    this.#sent += 1;
    const started = performance.now();
    const prefix = String(tile.prefix);
    const { telemetry } = this.#options;
    telemetry.observe('ordo_tile_wait_seconds', { prefix }, (started - sinceMs) / 1000);
    telemetry.observe('ordo_tile_fill_ratio', { prefix }, tile.rows.length / this.#scorer.tileRows);
    telemetry.count('ordo_tiles_total', { prefix, flush });
    try {
      const perToken = await this.#scorer.score(fillTile(tile, this.#scorer.tileRows, ({ request }) => request));
      telemetry.observe('ordo_tile_seconds', { prefix }, (performance.now() - started) / 1000);
      telemetry.count('ordo_rows_total', { prefix }, tile.rows.length);
      unpack(tile, perToken);
    } catch (error) {
      for (const { owner } of tile.rows) fail(owner, error);
    }
    this.#sent -= 1;
    this.#dispatch(false);
  }
}

function unpack({ rows, prefix }: RowTile<PendingRound>, perToken: Float32Array): void {
  rows.forEach(({ owner, index }, place) => {
    if (owner.failed) return;
    try {
      owner.results[index] = rowLogLikelihood(perToken, place * prefix, prefix);
    } catch (error) {
      fail(owner, error);
      return;
    }
    owner.left -= 1;
    if (owner.left === 0) owner.resolve(owner.results);
  });
}

function fail(round: PendingRound, error: unknown): void {
  round.failed = true;
  round.reject(error);
}

function requireShape({ tokens, orders, prefix }: RoundRequest, positions: number): void {
  const right =
    tokens.length === positions &&
    prefix >= 1 &&
    prefix <= positions &&
    orders.every((order) => order.length >= prefix);
  if (!right) throw new OrdoError('INTERNAL', `a round of prefix ${prefix} is not of a model of ${positions} tokens`);
}
