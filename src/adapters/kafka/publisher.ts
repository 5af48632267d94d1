import type { Kafka, Message, Producer, TopicMessages } from 'kafkajs';
import { OrdoError } from '../../errors.ts';
import { toOrdoError } from './failures.ts';
import { type OwnedRecord, recordBytes, toMessage } from './messages.ts';
import type { Namespace } from './namespace.ts';

/**
 * Bytes and records of one send, unless a single record is larger: brokers take batches of 1 MiB by default. A send is
 * no larger than a record may be either, so that no batch exceeds what its topic takes.
 */
const SEND_BYTES = 900 * 1024;
const SEND_RECORDS = 2000;

interface Call {
  records: readonly OwnedRecord[];
  /** Records sent so far. */
  sent: number;
  /** Whether it travels alone, since something that it travelled with was too large. */
  alone: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

interface Batch {
  topics: TopicMessages[];
  /** How many records of each call it holds. */
  shares: { call: Call; count: number }[];
}

/**
 * Sends records in the order in which they were given, one request at a time; what comes meanwhile travels together in
 * the next. A record is acknowledged by all in-sync replicas.
 *
 * kafkajs repeats a send under the same sequence numbers, so a retry appends nothing twice. Once a send has failed for
 * good its producer is thrown away: kafkajs would go on counting as if the failed records had never reached the broker,
 * and the broker might take later ones for those (acknowledged, and not there).
 */
export class Publisher {
  readonly #kafka: Kafka;
  readonly #namespace: Namespace;
  readonly #sendBytes: number;
  readonly #waiting: Call[] = [];
  #producer: Promise<Producer> | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(kafka: Kafka, { namespace, maxRecordBytes }: { namespace: Namespace; maxRecordBytes: number }) {
    this.#kafka = kafka;
    this.#namespace = namespace;
    this.#sendBytes = Math.min(SEND_BYTES, maxRecordBytes);
  }

  /** Resolves when all are durable. The records are not looked at again once it has. */
  publish(records: readonly OwnedRecord[]): Promise<void> {
    if (this.#closed) return Promise.reject(new OrdoError('LOG_CLOSED', 'the log was closed'));
    if (records.length === 0) return Promise.resolve();
    const done = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ records, sent: 0, alone: false, resolve, reject });
    });
    this.#running ??= this.#run();
    return done;
  }

  /** Sends what it was given, then disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#discard();
  }

  async #run(): Promise<void> {
    // What is published in the same turn travels together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#send(this.#next());
    this.#running = undefined;
  }

  #next(): Batch {
    const shares: Batch['shares'] = [];
    const byTopic = new Map<string, Message[]>();
    let room = this.#sendBytes;
    let count = 0;
    for (const call of this.#waiting) {
      if (count > 0 && (call.alone || shares[0]?.call.alone)) break;
      const taken = take(call, room, SEND_RECORDS - count, count === 0);
      for (const record of taken) {
        room -= recordBytes(record);
        const messages = byTopic.get(record.topic);
        if (messages) messages.push(toMessage(record));
        else byTopic.set(record.topic, [toMessage(record)]);
      }
      count += taken.length;
      if (taken.length > 0) shares.push({ call, count: taken.length });
      if (call.sent + taken.length < call.records.length) break;
    }
    const topics = [...byTopic].map(([topic, messages]) => ({ topic: this.#namespace.outer(topic), messages }));
    return { topics, shares };
  }

  async #send({ topics, shares }: Batch): Promise<void> {
    try {
      const producer = await (this.#producer ??= this.#connect());
      await producer.sendBatch({ acks: -1, topicMessages: topics });
    } catch (cause) {
      await this.#discard();
      const error = toOrdoError(cause);
      // Whose record it was is not told: each call is tried again by itself, and the innocent ones go through.
      if (error.code === 'RECORD_TOO_LARGE' && shares.length > 1) for (const { call } of shares) call.alone = true;
      else for (const { call } of shares) this.#settle(call, () => call.reject(error));
      return;
    }
    for (const { call, count } of shares) {
      call.sent += count;
      if (call.sent === call.records.length) this.#settle(call, call.resolve);
    }
  }

  #settle(call: Call, settle: () => void): void {
    this.#waiting.splice(this.#waiting.indexOf(call), 1);
    settle();
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    await producer.connect();
    return producer;
  }

  async #discard(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    this.#producer = undefined;
    await producer?.disconnect().catch(() => {});
  }
}

/** The next records of a call that fit; one in any case if `atLeastOne`. */
function take({ records, sent }: Call, room: number, most: number, atLeastOne: boolean): readonly OwnedRecord[] {
  let bytes = 0;
  let end = sent;
  for (const record of records.slice(sent, sent + most)) {
    bytes += recordBytes(record);
    if (bytes > room && !(atLeastOne && end === sent)) break;
    end += 1;
  }
  return records.slice(sent, end);
}
