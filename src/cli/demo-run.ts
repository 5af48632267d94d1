import { nextFreePort } from '../adapters/http/free-port.ts';
import type { Model } from '../adapters/onnx/model.ts';
import { openPainter } from '../adapters/onnx/painter.ts';
import { openLogger } from '../adapters/telemetry/logger.ts';
import { startDemoCameras } from '../app/demo/cameras.ts';
import { startFolderCamera } from '../app/demo/folder.ts';
import { pace } from '../app/demo/pace.ts';
import { SignBook } from '../app/demo/signs.ts';
import { openClassifier } from '../app/classifier.ts';
import { recognizedPainter } from '../app/demo/recognized.ts';
import { loadPipelineModel } from '../app/model.ts';
import { openLog } from '../app/open-log.ts';
import { openProducer } from '../app/producer.ts';
import { Resources } from '../app/resources.ts';
import type { Service } from '../app/service.ts';
import { type PipelineSpec, topicNames } from '../app/spec.ts';
import { followTopic } from '../console/follow.ts';
import { stageLags } from '../console/lag.ts';
import type { OrdoError } from '../errors.ts';
import type { Log, LogRecord } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import type { DemoOptions } from './demo.ts';
import { recordLine } from './demo-labels.ts';
import { pathsIn, readImage } from './images.ts';
import { aborted } from './interrupt.ts';
import { readPipeline } from './pipeline.ts';
import { serveWithConsole } from './serve.ts';

/** Images that may be on their way before cameras leave frames out: few, so that labels stay fresh. */
const MAX_BACKLOG = 12;

/** Runs the demo until the signal. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const resources = new Resources();
  try {
    const stage = await setStage(options, resources);
    const service = await serve(stage, options, resources);
    print(`Console: ${service.url}\nImages:  ${originOf(options)}\nStop:    Ctrl-C\n`);
    resources.own(explainMismatch(service, stage.spec));
    await startImages(stage, options, resources, signal);
    await Promise.race([service.pipeline.done, aborted(signal)]);
    if (signal.aborted) print('\nFinishing the images in hand; Ctrl-C again ends at once.');
  } finally {
    await resources.close();
  }
}

/** What all parts of the demo share. */
interface Stage {
  spec: PipelineSpec;
  log: Log;
  model: Model;
  logger: Logger;
}

async function setStage({ pipeline, port }: DemoOptions, resources: Resources): Promise<Stage> {
  const spec = await readPipeline(pipeline);
  const model = await loadPipelineModel(spec);
  const log = resources.own(await openLog(spec));
  const { health } = spec;
  const free = port ?? (await nextFreePort(health.host, health.port));
  if (free !== (port ?? health.port)) print(`Port ${health.port} is taken, so the console is on ${free}.`);
  return { spec: { ...spec, health: { ...health, port: free } }, log, model, logger: openLogger() };
}

/** Starts the pipeline, the console, and the printing of labels. */
async function serve(
  { spec, log, model, logger }: Stage,
  options: DemoOptions,
  resources: Resources,
): Promise<Service> {
  resources.own(printLabels(spec, log, model.manifest.classes));
  const service = await serveWithConsole({ spec, log, model, logger, origin: originOf(options) });
  resources.own({ close: () => service.stop() });
  return service;
}

function originOf({ images }: DemoOptions): string {
  if (images) return `your images from ${images}`;
  return 'demo cameras: signs painted by the model itself, kept where it knows them again, then put through camera faults';
}

function printLabels(spec: PipelineSpec, log: Log, classes: readonly string[]) {
  const stop = new AbortController();
  const topic = topicNames(spec).labels;
  const show = (record: LogRecord) => print(recordLine(record, classes));
  const onRecords = (records: readonly LogRecord[]) => records.forEach(show);
  const done = followTopic({ log, topic, tail: 0, batch: 500, signal: stop.signal, onRecords });
  return {
    close: async () => {
      stop.abort();
      await done;
    },
  };
}

async function startImages(
  stage: Stage,
  options: DemoOptions,
  resources: Resources,
  signal: AbortSignal,
): Promise<void> {
  const { spec, log, logger } = stage;
  const common = {
    producer: openProducer(spec, log),
    session: Date.now().toString(36),
    mayProduce: resources.own(watchBacklog(spec, log)).mayProduce,
    onTrouble: ({ code, message }: OrdoError) => logger.warn({ code }, message),
  };
  const { images, cameras, rate } = options;
  const running = images
    ? startFolderCamera({ ...common, ...(await folderOf(images, spec, common.onTrouble)), rate: rate ?? 4 })
    : startDemoCameras({
        ...common,
        cameras,
        rate: rate ?? 2 * cameras,
        signs: await openSigns(stage, resources, signal),
      });
  resources.own({ close: () => running.stop() });
}

async function folderOf(folder: string, spec: PipelineSpec, onTrouble: (error: OrdoError) => void) {
  const files = await pathsIn(folder, onTrouble);
  return { folder, files, read: (file: string) => readImage(file, spec.images) };
}

async function openSigns(stage: Stage, resources: Resources, signal: AbortSignal): Promise<SignBook> {
  const { spec, model, logger } = stage;
  const studio = resources.own(new Resources());
  const painter = studio.own(await openPainter(model));
  const judge = studio.own(await openClassifier({ ...spec, scoring: { ...spec.scoring, workers: 1 } }));
  const recognize = async (file: Uint8Array) => (await judge.classify(file)).decision.classId;
  const classes = model.manifest.classes.length;
  const signs = resources.own(new SignBook({ painter: recognizedPainter(painter, recognize), classes }));
  signal.addEventListener('abort', () => void signs.close());
  void closeAfter(signs, studio, logger);
  return signs;
}

async function closeAfter({ done }: SignBook, studio: Resources, logger: Logger): Promise<void> {
  try {
    await done;
    await studio.close();
  } catch (error) {
    logger.error({ err: error }, 'no more signs can be painted');
  }
}

/** Says once what to do about images that were begun with another model: they hold up those behind them. */
function explainMismatch({ pipeline }: Service, { log }: PipelineSpec) {
  let explained = false;
  return repeatedly(2000, async () => {
    if (explained || !pipeline.troubles().some((trouble) => trouble.includes('MODEL_MISMATCH'))) return;
    explained = true;
    const place = log.type === 'sqlite' ? `delete ${log.folder}` : 'delete the topics of the pipeline';
    print(`The log holds images that were begun with another model. To start afresh, stop and ${place}`);
  });
}

/** Looks twice a second at how many records wait. */
function watchBacklog(spec: PipelineSpec, log: Log) {
  let waiting = 0;
  const look = async () => {
    const lags = await stageLags(log, spec);
    waiting = lags.reduce((total, { records }) => total + records, 0);
  };
  return { mayProduce: () => waiting < MAX_BACKLOG, ...repeatedly(500, look) };
}

function repeatedly(periodMs: number, look: () => Promise<void>) {
  const stop = new AbortController();
  const running = pace(look, { periodMs, signal: stop.signal, onTrouble: () => {} });
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
