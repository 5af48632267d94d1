/** A decoder process that does as the first byte of an image says; its first argument may keep it from starting. */
const setup: { limits: { maxBytes: number } } = JSON.parse(process.argv[2] ?? '');
const memoryBytes = process.memoryUsage.rss();

/** Limits in bytes that tell it what to do at its start. */
const START: Readonly<Record<number, () => void>> = {
  1: () => process.send?.({ kind: 'failure', code: 'MODEL_INVALID', message: 'no graph', memoryBytes }),
  2: () => process.exit(3),
};

const IMAGE: Readonly<Record<number, () => void>> = {
  0: () => say(String(process.pid)),
  1: () => process.exit(0),
  2: () => process.kill(process.pid, 'SIGSEGV'),
  3: hang,
  4: () => process.send?.('what nobody asked for'),
  5: () => say(Object.keys(process.env).join(' ')),
};

process.on('message', (bytes) => {
  if (bytes instanceof Uint8Array) IMAGE[bytes[0] ?? 0]?.();
});
(START[setup.limits.maxBytes] ?? (() => process.send?.({ kind: 'ready', memoryBytes })))();

function hang(): void {
  for (;;);
}

function say(message: string): void {
  process.send?.({ kind: 'failure', code: 'IMAGE_CORRUPT', message, memoryBytes });
}
