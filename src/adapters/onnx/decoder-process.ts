/**
 * The decoder process: takes the bytes of one image file after the other over its IPC channel, answers with tokens or
 * with why not. It lives apart from the pipeline so that a file that crashes libvips, or makes it grow without bound,
 * takes down this process and nothing else.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { asOrdoError } from '../../errors.ts';
import { decodeImage } from './decode.ts';
import type { DecoderReply, DecoderSetup } from './decoder-messages.ts';
import { type Encoder, openEncoder } from './tokenizer-encoder.ts';
import { openProposer, type Proposer } from './tokenizer-proposer.ts';

/** How often memory is looked at while an image is decoded. */
const WATCH_MS = 10;

let busy = false;

/** Whoever started this process ends it: a signal to the whole group must not cut off an image in work. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.on('disconnect', () => (busy ? end() : process.exit()));
await start(JSON.parse(process.argv[2] ?? '')).catch((error: unknown) => say(failure(error)));

async function start(setup: DecoderSetup): Promise<void> {
  await offerToOutOfMemoryKiller();
  const encoder = await openEncoder(setup.encoder, setup);
  const proposer = setup.proposer && (await openProposer(setup.proposer, setup.tokens.positions));
  process.on('message', (bytes) => {
    if (bytes instanceof Uint8Array) void work(bytes, setup, { encoder, proposer });
  });
  say({ kind: 'ready' });
}

interface Graphs {
  encoder: Encoder;
  proposer: Proposer | undefined;
}

async function work(bytes: Uint8Array, setup: DecoderSetup, graphs: Graphs): Promise<void> {
  busy = true;
  const watch = setInterval(() => process.memoryUsage.rss() > setup.memoryBytes && end(), WATCH_MS);
  const answer = await tokenize(bytes, setup, graphs).catch(failure);
  clearInterval(watch);
  busy = false;
  say(answer);
}

async function tokenize(bytes: Uint8Array, setup: DecoderSetup, { encoder, proposer }: Graphs) {
  const { pixels, format, width, height } = await decodeImage(bytes, setup.image, setup.limits);
  const digest = new Uint8Array(createHash('sha256').update(bytes).digest());
  const tokens = await encoder.encode(pixels);
  const proposal = await proposer?.propose(tokens);
  return { kind: 'tokens', image: { tokens, ...(proposal && { proposal }), digest, format, width, height } } as const;
}

function failure(error: unknown) {
  const { code, message } = asOrdoError(error);
  return { kind: 'failure', code, message } as const;
}

type Answer = Awaited<ReturnType<typeof tokenize>> | ReturnType<typeof failure> | { kind: 'ready' };

function say(answer: Answer): void {
  process.send?.({ ...answer, memoryBytes: process.memoryUsage.rss() } satisfies DecoderReply);
}

/** Native threads may be in the middle of a file, so there is nothing to be waited for. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Linux: when the machine runs out of memory, this process goes before the one that started it. */
async function offerToOutOfMemoryKiller(): Promise<void> {
  await writeFile('/proc/self/oom_score_adj', '900').catch(() => undefined);
}
