import { Command } from 'commander';
import { endWithin, interruption } from './interrupt.ts';
import { positive, whole } from './options.ts';
import { SHIPPED_PIPELINE } from './pipeline.ts';
import { outliveReader } from './reader.ts';

export interface DemoOptions {
  images?: string;
  rate?: number;
  cameras: number;
  pipeline: string;
  port?: number;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('Run a whole pipeline here, with cameras to feed it and a console to watch it')
    .option('--images <folder>', 'stream the images of this folder in place of demo cameras')
    .option('--rate <n>', 'images per second in all (default: 2 a camera, or 4 of a folder)', positive)
    .option('--cameras <n>', 'how many demo cameras', whole(1), 4)
    .option('--pipeline <file>', 'pipeline file', SHIPPED_PIPELINE)
    .option('--port <n>', 'port of the console (default: that in the pipeline file, or the next free one)', whole(0))
    .addHelpText('after', HELP)
    .action(demo);
}

const HELP = `
The demo cameras show signs that the model paints itself, those that it knows again, put through what goes wrong at
cameras: distance, blur, rain, night, branches, compression. So their accuracy tells of these faults, not of the
world. Now and then they show something that is no sign. While the pipeline is behind, cameras leave frames out. Labels come out one a line as they are reached; the console shows the rest.

The first Ctrl-C lets the images in hand finish; the second, a second or more later, ends the process at once. The log
is kept, within the pipeline's retention, and the next start goes on from there.

Examples:
  $ ordo demo
  $ ordo demo --images photos/ --rate 10`;

/** Longest time from the first signal to the end of the process. */
const STOP_WITHIN_MS = 5000;

async function demo(options: DemoOptions): Promise<void> {
  const unread = new AbortController();
  const signal = AbortSignal.any([interruption(), unread.signal]);
  outliveReader(() => unread.abort());
  signal.addEventListener('abort', () => endWithin(STOP_WITHIN_MS));
  const { runDemo } = await import('./demo-run.ts');
  await runDemo(options, signal);
}
