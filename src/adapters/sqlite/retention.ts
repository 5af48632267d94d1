import type { Database } from './database.ts';
import { OFFSET_OF_ID, recordsBetween } from './schema.ts';
import { Standstill } from './standstill.ts';
import type { Writer } from './writer.ts';

/** A record that may be deleted, oldest offsets of each partition first. */
export interface Candidate {
  partitionId: number;
  offset: number;
  timestampMs: number;
  bytes: number;
}

interface TopicRow {
  id: number;
  bytes: number;
  maxBytes: number | null;
  maxAgeMs: number | null;
}

interface Range {
  /** Of the partition. */
  id: number;
  start: number;
  end: number;
}

/** Where a topic without an age has none to go by, a group that was seen within a day still holds its records. */
const DEFAULT_SEEN_MS = 24 * 60 * 60 * 1000;

/** Most records of a partition that one transaction deletes, and most pages that it gives back to the disk. */
const BITE_RECORDS = 128;
const BITE_PAGES = 256;

/** The file shrinks only while more of it is free than this: what is free is soon used again. */
const FREE_SHARE = 0.25;
const FREE_PAGES = 1024;

const TOPICS = `SELECT t.id, sum(p.bytes) AS bytes, t.max_bytes AS maxBytes, t.max_age_ms AS maxAgeMs
  FROM topics t JOIN partitions p ON p.topic_id = t.id
  WHERE t.max_bytes IS NOT NULL OR t.max_age_ms IS NOT NULL GROUP BY t.id`;

/** ?1 topic, ?2 now, ?3 how long ago a group may have been seen: each partition up to where a group yet has to read. */
const DELETABLE = `SELECT p.id, p.start_offset AS start, min(p.end_offset, coalesce((
    SELECT min(coalesce(c.committed, c.position))
    FROM cursors c JOIN subscriptions s ON s.group_id = c.group_id AND s.topic_id = p.topic_id
    WHERE c.partition_id = p.id AND s.seen_ms + max(s.session_ms, ?3) > ?2
  ), p.end_offset)) AS "end"
  FROM partitions p WHERE p.topic_id = ?1`;

const SIZES = `SELECT ?1 AS partitionId, ${OFFSET_OF_ID} AS offset, timestamp_ms AS timestampMs,
  octet_length(key) + octet_length(headers) + octet_length(value) AS bytes
  FROM records WHERE ${recordsBetween('?1', '?2', '?3')} ORDER BY id LIMIT ${BITE_RECORDS}`;

const DELETE = `DELETE FROM records WHERE ${recordsBetween('?1', '0', '?2')}`;
const SHORTEN = 'UPDATE partitions SET start_offset = ?2, bytes = bytes - ?3 WHERE id = ?1';

/** Deletes what topics keep no longer, in bites small enough to go between other writes. */
export class Retention {
  readonly #database: Database;
  readonly #writer: Writer;
  readonly #intervalMs: number;
  readonly #standstill: Standstill;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(database: Database, writer: Writer, intervalMs: number) {
    this.#database = database;
    this.#writer = writer;
    this.#intervalMs = intervalMs;
    this.#standstill = new Standstill(intervalMs, Date.now());
  }

  start(): void {
    this.#schedule(this.#intervalMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      // A failure (the disk is full, another process holds the lock) is tried again at the next interval.
      this.#bite().then(
        (more) => this.#schedule(more ? 1 : this.#intervalMs),
        () => this.#schedule(this.#intervalMs),
      );
    }, delayMs);
  }

  /** One bite of every topic that has something to delete; whether any had. Looks first, without taking the lock. */
  async #bite(): Promise<boolean> {
    // Groups that slept as long are about to give a sign of life: nothing that they have yet to read is to go before.
    if (this.#standstill.justEnded(Date.now())) return false;
    const due = this.#topics().filter((topic) => this.#candidates(topic).length > 0);
    if (due.length > 0) {
      await this.#writer.submit(() => {
        const ids = new Set(due.map((topic) => topic.id));
        for (const topic of this.#topics()) if (ids.has(topic.id)) this.#delete(this.#candidates(topic));
      });
    }
    return this.#vacuum() || due.length > 0;
  }

  #topics(): TopicRow[] {
    return this.#database.all<TopicRow>(TOPICS);
  }

  #candidates(topic: TopicRow): Candidate[] {
    const nowMs = Date.now();
    const seenMs = topic.maxAgeMs ?? DEFAULT_SEEN_MS;
    const ranges = this.#database.all<Range>(DELETABLE, [topic.id, nowMs, seenMs]);
    const excess = topic.maxBytes === null ? 0 : topic.bytes - topic.maxBytes;
    const cutoffMs = topic.maxAgeMs === null ? Number.NEGATIVE_INFINITY : nowMs - topic.maxAgeMs;
    const lists = ranges.map(({ id, start, end }) => this.#database.all<Candidate>(SIZES, [id, start, end]));
    const cut = lists.filter((list, at) => list.length === BITE_RECORDS && !endsAt(list, ranges[at]?.end));
    return selectExpired(lists, { excess, cutoffMs, horizonMs: horizonOf(cut) });
  }

  #delete(candidates: readonly Candidate[]): void {
    for (const [partitionId, records] of Map.groupBy(candidates, (candidate) => candidate.partitionId)) {
      const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
      const start = Math.max(...records.map((record) => record.offset)) + 1;
      this.#database.run(DELETE, [partitionId, start]);
      this.#database.run(SHORTEN, [partitionId, start, bytes]);
    }
  }

  /** Gives a bite of free pages back to the file system; whether there is more to give. */
  #vacuum(): boolean {
    const free = this.#database.number('PRAGMA freelist_count');
    const limit = Math.max(FREE_PAGES, FREE_SHARE * this.#database.number('PRAGMA page_count'));
    if (free <= limit) return false;
    this.#database.exec(`PRAGMA incremental_vacuum(${BITE_PAGES})`);
    return free - BITE_PAGES > limit;
  }
}

function endsAt(list: readonly Candidate[], end: number | undefined): boolean {
  return list.at(-1)?.offset === (end ?? 0) - 1;
}

/** Up to when it is known which records are the oldest, where lists end before their partitions do. */
function horizonOf(cut: readonly (readonly Candidate[])[]): number {
  return Math.min(...cut.map((list) => Math.max(...list.map(({ timestampMs }) => timestampMs))));
}

/**
 * The oldest of the candidates (one list a partition, by offset) that are past the age, or as many as it takes to be
 * rid of the excess bytes, but for those younger than the horizon: behind a list that was cut there may be older ones.
 * A partition's records always go in the order of their offsets, whatever the clock did.
 */
export function selectExpired(
  partitions: readonly (readonly Candidate[])[],
  bounds: { excess: number; cutoffMs: number; horizonMs: number },
): Candidate[] {
  const aged = partitions.flatMap((candidates) => {
    let latest = Number.NEGATIVE_INFINITY;
    return candidates.map((candidate) => ({ candidate, ageMs: (latest = Math.max(latest, candidate.timestampMs)) }));
  });
  let { excess } = bounds;
  const kept = aged
    .sort((a, b) => a.ageMs - b.ageMs)
    .findIndex(({ candidate, ageMs }) => {
      if ((excess <= 0 || ageMs > bounds.horizonMs) && ageMs >= bounds.cutoffMs) return true;
      excess -= candidate.bytes;
      return false;
    });
  return aged.slice(0, kept < 0 ? aged.length : kept).map(({ candidate }) => candidate);
}
