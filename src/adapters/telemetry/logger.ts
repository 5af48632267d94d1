import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Logger } from '../../ports/logger.ts';
import { harmlessJson, printable } from '../../text.ts';

/** Where log lines go: file descriptor 2, or a stand-in for it. */
export interface LogStream {
  write(line: string): unknown;
  isTTY?: boolean;
}

export interface LoggerOptions {
  /** Default: stderr. */
  stream?: LogStream;
  /** Default: the process's; ORDO_LOG_LEVEL is read. */
  env?: Readonly<Record<string, string | undefined>>;
}

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * A logger to stderr: one JSON object a line, or readable lines on a terminal. Lines of the level ORDO_LOG_LEVEL
 * (default `info`) and above are written, and written before the call returns, so that none is lost at an exit.
 * What they repeat of others' texts does nothing to the terminal that they end up on.
 */
export function openLogger({ stream = process.stderr, env = process.env }: LoggerOptions = {}): Logger {
  const wanted = env['ORDO_LOG_LEVEL']?.toLowerCase() ?? '';
  const level = LEVELS.includes(wanted) ? wanted : 'info';
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    stream.isTTY ? pretty(stream) : plain(stream),
  );
}

function pretty(stream: LogStream): LogStream {
  const format = prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    messageFormat: (log, messageKey) => printable(String(log[messageKey])),
  });
  // Fields stand there as JSON.
  return { write: (line) => stream.write(harmlessJson(format(line) ?? '')) };
}

function plain(stream: LogStream): LogStream {
  return { write: (line) => stream.write(harmlessJson(line)) };
}
