import { branch, defocus, type Fault, motionBlur, night, rain } from './faults.ts';
import { type Random, randomOf } from './random.ts';
import { encodeJpeg, project, type Raster, shrink } from './raster.ts';

/** What goes wrong at a kind of camera. */
export interface CameraKind {
  name: string;
  faults: readonly Fault[];
  /** JPEG quality, 1 to 100, when all is well and at worst. */
  quality: readonly [best: number, worst: number];
}

export const CAMERA_KINDS: readonly [CameraKind, ...CameraKind[]] = [
  { name: 'day', faults: [motionBlur], quality: [90, 75] },
  { name: 'rain', faults: [defocus, rain], quality: [85, 60] },
  { name: 'night', faults: [motionBlur, night], quality: [85, 60] },
  { name: 'trees', faults: [branch], quality: [55, 12] },
];

/** One thing seen over some frames as the car nears it. All of it follows from the camera's name and the track's number. */
export interface Track {
  frames: number;
  /** Whether it shows no sign. */
  scenery: boolean;
  /** How bad it gets, 0 to 1. */
  severity: number;
}

/** Side of a frame in pixels. */
const FRAME_SIDE = 80;
/** One track in so many shows no sign. */
const SCENERY_EVERY = 15;
/** Share of the sign's own pixels that are seen from afar. */
const FARTHEST = 0.36;

export function planTrack(camera: string, track: number): Track {
  const random = randomOf('track', camera, track);
  return {
    frames: 12 + random.below(9),
    scenery: track % SCENERY_EVERY === randomOf('scenery', camera).below(SCENERY_EVERY),
    severity: random.between(0.1, 1) ** 1.3,
  };
}

/** Where a frame stands: which camera and track, and which frame of it. */
export interface Moment {
  camera: string;
  track: number;
  frame: number;
}

/** What the camera makes of the thing in one frame, as a JPEG file: coarse from afar, then finer, under the camera's faults. */
export function takeFrame(thing: Raster, moment: Moment, kind: CameraKind): Promise<Uint8Array> {
  const { camera, track, frame } = moment;
  const { frames, severity } = planTrack(camera, track);
  const nearness = frame / (frames - 1);
  const own = randomOf('frame', camera, track, frame);
  const seen = project(shrink(thing, sensorSide(thing.side, nearness)), FRAME_SIDE, shake(own));
  const hurt = Math.min(1, Math.max(0, severity * (1.1 - 0.35 * nearness) + 0.08 * own.normal()));
  const shared = randomOf('fault', camera, track);
  const spoilt = kind.faults.reduce((raster, fault) => fault(raster, hurt, fault === branch ? shared : own), seen);
  const [best, worst] = kind.quality;
  return encodeJpeg(spoilt, Math.round(best + (worst - best) * hurt));
}

function sensorSide(side: number, nearness: number): number {
  return Math.max(6, Math.round(side * (FARTHEST + (1 - FARTHEST) * nearness ** 1.2)));
}

function shake(random: Random): { dx: number; dy: number; zoom: number } {
  return { dx: 0.02 * random.normal(), dy: 0.02 * random.normal(), zoom: random.between(0.96, 1.06) };
}
