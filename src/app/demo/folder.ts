import { dirname, relative, sep } from 'node:path';
import type { OrdoError } from '../../errors.ts';
import type { ImageProducer } from '../producer.ts';
import type { RunningCameras } from './cameras.ts';
import { pace } from './pace.ts';

export interface FolderOptions {
  folder: string;
  /** Paths of image files in the folder, at least one. */
  files: readonly string[];
  /** Reads a file. Errors: INPUT_NOT_FOUND, IMAGE_TOO_LARGE. */
  read: (file: string) => Promise<Uint8Array>;
  /** Images a second. */
  rate: number;
  producer: ImageProducer;
  /** Names this run on the images' ids, so that those of another run are other images. */
  session: string;
  mayProduce: () => boolean;
  /** Told of files that cannot be read, which are left out, and of what the log says. */
  onTrouble: (error: OrdoError) => void;
}

/** Streams files at a steady rate, over and over. A folder within the folder is a stream of its own. */
export function startFolderCamera(options: FolderOptions): RunningCameras {
  const { files, rate, mayProduce, onTrouble } = options;
  const stop = new AbortController();
  let shown = 0;
  const running = pace(
    async () => {
      if (!mayProduce()) return;
      const file = files[shown % files.length] ?? '';
      const round = Math.floor(shown / files.length);
      shown++;
      await send(file, round, options);
    },
    { periodMs: 1000 / rate, signal: stop.signal, onTrouble },
  );
  return {
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

async function send(file: string, round: number, { folder, read, producer, session }: FolderOptions): Promise<void> {
  const path = relative(folder, file).split(sep).join('/');
  const place = dirname(path);
  const bytes = await read(file);
  await producer.send([
    {
      source: 'urn:ordo:demo:folder',
      id: `${session}/${round}/${path}`,
      stream: place === '.' ? 'folder' : place,
      capturedAtMs: Date.now(),
      bytes,
      attributes: { path },
    },
  ]);
}
