import { type RowTile, TilePacker } from '../domain/tiles.ts';

/** Why a tile was sent. */
export type Flush = 'full' | 'delay' | 'idle';

/** A tile to send now, and when its first row began to wait, milliseconds on the caller's clock. */
export interface ReadyTile<Owner> {
  tile: RowTile<Owner>;
  flush: Flush;
  sinceMs: number;
}

export interface Moment {
  nowMs: number;
  /** Whether the device would stand idle if nothing were sent. */
  idle: boolean;
}

interface Waiting {
  /** Virtual finishing time: see TileQueue. */
  turn: number;
  sinceMs: number;
}

interface Lane<Owner> extends Waiting {
  packer: TilePacker<Owner>;
}

/**
 * Decides which tile goes next. Rows are packed into tiles of their prefix length in the order in which they come. A
 * full tile may go at once; one that is not full yet goes when its first row has waited `maxDelayMs`, or before that
 * when the device would stand idle: an idle device computes a tile for nothing, a busy one had better wait for more rows.
 *
 * Of the tiles that may go, the one with the earliest turn goes first. A round's turn is its size (rows x prefix) past
 * the work handed out when it came, which is its finishing time under fair queueing (Demers, Keshav and Shenker, 1989):
 * the small late rounds of images almost done pass the big first rounds of others, and no round waits for ever, for
 * what comes after as much work as its own size was handed out comes behind it.
 */
export class TileQueue<Owner> {
  readonly #tileRows: number;
  readonly #maxDelayMs: number;
  readonly #full: (Waiting & { tile: RowTile<Owner> })[] = [];
  readonly #lanes = new Map<number, Lane<Owner>>();
  #handedOut = 0;

  constructor(tileRows: number, maxDelayMs: number) {
    this.#tileRows = tileRows;
    this.#maxDelayMs = maxDelayMs;
  }

  /** Adds rows 0 to count - 1 of a round. */
  add(owner: Owner, prefix: number, count: number, nowMs: number): void {
    const own: Waiting = { turn: this.#handedOut + count * prefix, sinceMs: nowMs };
    const lane = this.#lanes.get(prefix) ?? { ...own, packer: new TilePacker<Owner>(this.#tileRows) };
    this.#lanes.set(prefix, lane);
    if (lane.packer.waiting > 0) lane.turn = Math.min(lane.turn, own.turn);
    else Object.assign(lane, own);
    for (const tile of lane.packer.add(owner, prefix, count)) {
      this.#enqueue({ tile, turn: lane.turn, sinceMs: lane.sinceMs });
      Object.assign(lane, own);
    }
  }

  /** Takes out the tile to send now, if there is one. */
  next({ nowMs, idle }: Moment): ReadyTile<Owner> | undefined {
    const lanes = this.#partial().toSorted((a, b) => a.turn - b.turn);
    const due = lanes.find(({ sinceMs }) => nowMs - sinceMs >= this.#maxDelayMs);
    const full = this.#full[0];
    if (full && !(due && due.turn < full.turn)) {
      this.#full.shift();
      return this.#handOut(full.tile, 'full', full.sinceMs);
    }
    const lane = due ?? (idle ? lanes[0] : undefined);
    const tile = lane?.packer.flush()[0];
    if (!lane || !tile) return undefined;
    return this.#handOut(tile, due ? 'delay' : 'idle', lane.sinceMs);
  }

  /** When the next tile that is not full will have waited long enough; undefined if none waits. */
  dueMs(): number | undefined {
    const since = this.#partial().map(({ sinceMs }) => sinceMs);
    return since.length > 0 ? Math.min(...since) + this.#maxDelayMs : undefined;
  }

  #partial(): Lane<Owner>[] {
    return [...this.#lanes.values()].filter(({ packer }) => packer.waiting > 0);
  }

  #enqueue(entry: Waiting & { tile: RowTile<Owner> }): void {
    const place = this.#full.findLastIndex(({ turn }) => turn <= entry.turn) + 1;
    this.#full.splice(place, 0, entry);
  }

  #handOut(tile: RowTile<Owner>, flush: Flush, sinceMs: number): ReadyTile<Owner> {
    this.#handedOut += tile.rows.length * tile.prefix;
    return { tile, flush, sinceMs };
  }
}
