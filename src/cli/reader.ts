import { EXIT } from './exit.ts';

/** What is done once the output cannot be written; undefined: the command ends there. */
let onLoss: (() => void) | undefined;
let lost = false;

/**
 * Ends the process quietly once nobody reads its output any more, as with `| head`, or with EXIT.unavailable where the
 * output cannot be written for another reason; unless the command outlives its reader.
 */
export function endWithReader(): void {
  process.stdout.on('error', end);
  process.stderr.on('error', end);
}

/**
 * Lets the command go on without its output: for one that changes things, which must not stay half done because a pager
 * or a logger ended. `then` is called once, at the first line that cannot be written.
 */
export function outliveReader(then: () => void = () => {}): void {
  onLoss = then;
}

function end({ code }: NodeJS.ErrnoException): void {
  const exitCode = code === 'EPIPE' ? EXIT.ok : EXIT.unavailable;
  if (!onLoss) process.exit(exitCode);
  if (lost) return;
  lost = true;
  process.exitCode ??= exitCode;
  onLoss();
}
