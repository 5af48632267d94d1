import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../adapters/http/health.ts';
import { openPipelineBlobs } from '../app/blobs.ts';
import { type PipelineSpec, topicNames } from '../app/spec.ts';
import { atMost } from '../concurrency/at-most.ts';
import { asOrdoError } from '../errors.ts';
import type { Log, LogRecord } from '../ports/log.ts';
import { Board, type StreamCount, type StreamView } from './board.ts';
import { EventStream } from './event-stream.ts';
import { followTopic } from './follow.ts';
import { ImageIndex } from './images.ts';
import { type LabelView, viewLabel } from './label-view.ts';
import { type StageLag, stageLags } from './lag.ts';
import { Statistics, type Summary } from './statistics.ts';
import { Troubles } from './troubles.ts';

export interface ConsoleOptions {
  log: Log;
  spec: PipelineSpec;
  model: { name: string; version: string; digestHex: string; classes: readonly string[] };
  /** Where the images come from, in a sentence for the header. */
  origin: string;
  /** What keeps the pipeline from making progress. */
  problems: () => Problem[];
  /** Milliseconds since 1970; the system's clock if absent. */
  now?: () => number;
}

/** What a page is told when it connects. */
export interface Snapshot {
  about: {
    pipeline: string;
    model: { name: string; version: string; digest: string; classes: number };
    origin: string;
  };
  labels: LabelView[];
  streams: StreamView[];
  status: Status | undefined;
}

/** What a page is told every second. */
export interface Status extends Summary {
  nowMs: number;
  streams: StreamCount;
  lag: StageLag[];
  /** As counted last; null before they could be counted. */
  deadLetters: number | null;
  problems: Problem[];
}

/** Longest wait for what is under way when it is to stop: the log may not answer. */
const STOP_MS = 1000;
const STATUS_MS = 1000;
const LABELS_MS = 200;
/** Labels told at a time: more than that a second no eye follows, and the counts are told all the same. */
const LABELS_AT_A_TIME = 40;
/** Records of a partition that are read back at the start, and that the console may fall behind. */
const TAIL = 200;
const IMAGES_KEPT = 4096;

/** Watches a pipeline's log and tells pages what happens: `snapshot`, then `labels` and `status` events. */
export class Watch {
  readonly events = new EventStream();
  readonly images: ImageIndex;
  readonly #options: ConsoleOptions;
  readonly #board = new Board();
  readonly #statistics = new Statistics();
  readonly #stop = new AbortController();
  readonly #now: () => number;
  readonly #troubles: Troubles;
  #running: Promise<unknown> = Promise.resolve();
  #untold: LabelView[] = [];
  #deadLetters: number | null = null;
  #status: Status | undefined;

  constructor(options: ConsoleOptions) {
    const { log, spec } = options;
    const topic = topicNames(spec).images;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#troubles = new Troubles(this.#now);
    this.images = new ImageIndex({ log, topic, blobs: openPipelineBlobs(spec), size: IMAGES_KEPT });
  }

  start(): void {
    const { labels, images } = topicNames(this.#options.spec);
    this.#running = Promise.all([
      this.#follow(labels, 500, (record) => this.#take(record)),
      this.#follow(images, 32, (record) => this.images.add(record)),
      this.#every(LABELS_MS, async () => this.#tellLabels()),
      this.#every(STATUS_MS, () => this.#tellStatus()),
    ]);
  }

  /** Ends all streams, and waits a second at most for what is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.events.close();
    await atMost(STOP_MS, this.#running);
  }

  snapshot(): Snapshot {
    const { spec, model, origin } = this.#options;
    const { name, version, digestHex, classes } = model;
    return {
      about: { pipeline: spec.name, model: { name, version, digest: digestHex, classes: classes.length }, origin },
      labels: this.#board.recent(),
      streams: this.#board.streams(),
      status: this.#status,
    };
  }

  #follow(topic: string, batch: number, onRecord: (record: LogRecord) => void): Promise<void> {
    return followTopic({
      log: this.#options.log,
      topic,
      tail: TAIL,
      batch,
      signal: this.#stop.signal,
      onRecords: (records) => records.forEach(onRecord),
      onTrouble: (trouble) => (trouble ? this.#troubles.began(topic, trouble) : this.#troubles.over(topic)),
    });
  }

  async #every(periodMs: number, tick: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await tick();
      await sleep(periodMs, undefined, { signal }).catch(() => {});
    }
  }

  #take(record: LogRecord): void {
    try {
      const label = viewLabel(record, this.#options.model.classes);
      this.#board.add(label);
      this.#statistics.add(label);
      this.#untold.push(label);
      if (this.#untold.length > LABELS_AT_A_TIME) this.#untold.shift();
    } catch (error) {
      this.#troubles.unreadable(record, error);
    }
  }

  #tellLabels(): void {
    if (this.#untold.length === 0) return;
    this.events.send('labels', this.#untold);
    this.#untold = [];
  }

  async #tellStatus(): Promise<void> {
    const nowMs = this.#now();
    const seen = { ...this.#statistics.summary(nowMs), streams: this.#board.count(nowMs) };
    const lag = await this.#askLog();
    if (this.#stop.signal.aborted) return;
    const problems = [...this.#options.problems(), ...this.#troubles.problems()];
    this.#status = { nowMs, ...seen, lag, deadLetters: this.#deadLetters, problems };
    this.events.send('status', this.#status);
  }

  /** Counts the dead letters, and gives the stages' lag; none while the log is away. */
  async #askLog(): Promise<StageLag[]> {
    const { log, spec } = this.#options;
    try {
      const [letters] = await log.topics([topicNames(spec).deadLetters]);
      this.#deadLetters = (letters?.offsets ?? []).reduce((total, { start, end }) => total + end - start, 0);
      const lag = await stageLags(log, spec);
      this.#troubles.over('status');
      return lag;
    } catch (error) {
      this.#troubles.began('status', asOrdoError(error));
      return [];
    }
  }
}
