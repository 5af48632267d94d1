import { OrdoError } from '../../errors.ts';
import type { TopicInfo, TopicPartition, TopicSpec } from '../../ports/log.ts';
import type { Database } from './database.ts';

export interface Topic {
  id: number;
  name: string;
  /** Ids of the partitions, by number. */
  partitions: number[];
}

export interface Bounds {
  start: number;
  end: number;
}

interface TopicRow {
  id: number;
  name: string;
  max_bytes: number | null;
  max_age_ms: number | null;
}

const SET_RETENTION = 'UPDATE topics SET max_bytes = ?2, max_age_ms = ?3 WHERE name = ?1';
const BOUNDS = 'SELECT start_offset AS start, end_offset AS "end" FROM partitions';
const FIND = `SELECT t.id AS topic, p.id AS partition FROM topics t JOIN partitions p ON p.topic_id = t.id
  WHERE t.name = ? ORDER BY p.number`;

/** The topics and their partitions. Neither is ever removed or renumbered, so what was read once stays true. */
export class Catalog {
  readonly #database: Database;
  readonly #byName = new Map<string, Topic>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Creates or updates the topics; runs inside a transaction. */
  ensure(specs: readonly TopicSpec[]): void {
    for (const spec of specs) {
      const known = this.#find(spec.name);
      if (known) this.#checkPartitions(known, spec);
      else this.#create(spec);
      const { maxBytes = null, maxAgeMs = null } = spec.retention ?? {};
      this.#database.run(SET_RETENTION, [spec.name, maxBytes, maxAgeMs]);
    }
  }

  list(): TopicInfo[] {
    const rows = this.#database.all<TopicRow>('SELECT id, name, max_bytes, max_age_ms FROM topics ORDER BY name');
    return rows.map((row) => {
      const offsets = this.#offsets(row.id);
      const retention = retentionOf(row);
      return { name: row.name, partitions: offsets.length, ...(retention && { retention }), offsets };
    });
  }

  /** The topic, or LOG_TOPIC_UNKNOWN. */
  topic(name: string): Topic {
    const topic = this.#byName.get(name) ?? this.#find(name);
    if (!topic) throw new OrdoError('LOG_TOPIC_UNKNOWN', `topic ${name} does not exist`);
    this.#byName.set(name, topic);
    return topic;
  }

  /** The partition's id, or LOG_TOPIC_UNKNOWN. */
  partitionId({ topic, partition }: TopicPartition): number {
    const id = this.topic(topic).partitions[partition];
    if (id === undefined) throw new OrdoError('LOG_TOPIC_UNKNOWN', `topic ${topic} has no partition ${partition}`);
    return id;
  }

  bounds(partitionId: number): Bounds {
    const [row] = this.#database.all<Bounds>(`${BOUNDS} WHERE id = ?`, [partitionId]);
    return row ?? { start: 0, end: 0 };
  }

  #find(name: string): Topic | undefined {
    const rows = this.#database.all<{ topic: number; partition: number }>(FIND, [name]);
    const [first] = rows;
    return first && { id: first.topic, name, partitions: rows.map((row) => row.partition) };
  }

  #create(spec: TopicSpec): void {
    if (!Number.isInteger(spec.partitions) || spec.partitions < 1) {
      throw new OrdoError('LOG_TOPIC_CONFLICT', `topic ${spec.name} cannot have ${spec.partitions} partitions`);
    }
    this.#database.run('INSERT INTO topics (name) VALUES (?)', [spec.name]);
    const insert = 'INSERT INTO partitions (topic_id, number) SELECT id, ? FROM topics WHERE name = ?';
    for (let number = 0; number < spec.partitions; number++) this.#database.run(insert, [number, spec.name]);
  }

  #checkPartitions(topic: Topic, spec: TopicSpec): void {
    if (topic.partitions.length >= spec.partitions) return;
    const message = `topic ${spec.name} has ${topic.partitions.length} partitions, ${spec.partitions} are asked for`;
    throw new OrdoError('LOG_TOPIC_CONFLICT', message);
  }

  #offsets(topicId: number): Bounds[] {
    const rows = this.#database.all<Bounds>(`${BOUNDS} WHERE topic_id = ? ORDER BY number`, [topicId]);
    return rows.map(({ start, end }) => ({ start, end }));
  }
}

function retentionOf(row: TopicRow): TopicSpec['retention'] {
  if (row.max_bytes === null && row.max_age_ms === null) return undefined;
  return {
    ...(row.max_bytes !== null && { maxBytes: row.max_bytes }),
    ...(row.max_age_ms !== null && { maxAgeMs: row.max_age_ms }),
  };
}
