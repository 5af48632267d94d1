import type { OrdoError } from '../../errors.ts';
import type { ImageInput, ImageProducer } from '../producer.ts';
import { pace } from './pace.ts';
import { randomOf } from './random.ts';
import type { Raster } from './raster.ts';
import { scenery } from './scenery.ts';
import type { SignBook } from './signs.ts';
import { CAMERA_KINDS, type CameraKind, planTrack, takeFrame } from './track.ts';

export interface CamerasOptions {
  cameras: number;
  /** Images a second, of all cameras together. */
  rate: number;
  signs: Pick<SignBook, 'signFor'>;
  producer: ImageProducer;
  /** Names this run on the images' ids, so that those of another run are other images. */
  session: string;
  /** Whether a frame is to be taken now; while the pipeline is behind, cameras leave frames out. */
  mayProduce: () => boolean;
  onTrouble: (error: OrdoError) => void;
}

export interface RunningCameras {
  /** Settles when the last frame is on the log. */
  stop(): Promise<void>;
}

/** What a camera has in view. */
interface View {
  track: number;
  frame: number;
  thing: Raster;
  /** A class id, or `none`. */
  truth: string;
}

/** Starts cameras that drive past signs: each frame becomes an image event with the true class as attribute `truth`. */
export function startDemoCameras(options: CamerasOptions): RunningCameras {
  const stop = new AbortController();
  const periodMs = (1000 * options.cameras) / options.rate;
  const running = Array.from({ length: options.cameras }, (_, index) => {
    const delayMs = (periodMs * index) / options.cameras;
    return pace(camera(index, options), { periodMs, delayMs, signal: stop.signal, onTrouble: options.onTrouble });
  });
  return {
    stop: async () => {
      stop.abort();
      await Promise.all(running);
    },
  };
}

function camera(index: number, options: CamerasOptions): () => Promise<void> {
  const kind = CAMERA_KINDS[index % CAMERA_KINDS.length] ?? CAMERA_KINDS[0];
  const name = `camera-${index + 1}-${kind.name}`;
  let view: View | undefined;
  return async () => {
    view ??= await lookAt(name, 0, options);
    if (!view || !options.mayProduce()) return;
    await options.producer.send([await frameOf(name, view, kind, options.session)]);
    view.frame++;
    if (view.frame === planTrack(name, view.track).frames) view = await lookAt(name, view.track + 1, options);
  };
}

/** What comes into view with a track; undefined where there is nothing yet. */
async function lookAt(name: string, track: number, { signs }: CamerasOptions): Promise<View | undefined> {
  if (planTrack(name, track).scenery) {
    return { track, frame: 0, thing: scenery(randomOf('scenery', name, track)), truth: 'none' };
  }
  const sign = await signs.signFor(name, track);
  return sign && { track, frame: 0, thing: sign.picture, truth: String(sign.classId) };
}

async function frameOf(name: string, view: View, kind: CameraKind, session: string): Promise<ImageInput> {
  const { track, frame, thing, truth } = view;
  return {
    source: `urn:ordo:demo:${name}`,
    id: `${session}/${track}/${frame}`,
    stream: name,
    capturedAtMs: Date.now(),
    bytes: await takeFrame(thing, { camera: name, track, frame }, kind),
    attributes: { truth, track: `${session}/${track}` },
  };
}
