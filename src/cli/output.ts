import type { Writable } from 'node:stream';
import { asOrdoError, type ErrorCode, type OrdoError } from '../errors.ts';
import { harmless, jsonLine, printable } from '../text.ts';
import { Lines } from './lines.ts';

type Sink = Pick<Writable, 'write'>;

/** What a command says: data on stdout, everything else on stderr. */
export interface Output {
  /** Whether data goes out as one JSON object a line. */
  readonly json: boolean;
  /** One result: the object where JSON was asked for, else the text. */
  result(object: object, text: string): void;
  /** An input that failed while the command goes on: on stdout where JSON was asked for, else on stderr. */
  failure(input: { path: string } | { id: string }, error: unknown): void;
  /** Something to know, on stderr. */
  note(text: string): void;
  /** Resolves once stdout has room for more: at once unless its reader is behind, and also when it has gone. */
  room(): Promise<void>;
}

/** The output of a command that was called with `--json` or without. */
export function openOutput({ json = false }: { json?: boolean }, stdout: Writable = process.stdout): Output {
  const lines = new Lines(stdout);
  const data = (line: string) => lines.write(line);
  return {
    json,
    result: (object, text) => data(json ? jsonLine(object) : harmless(text)),
    failure: (input, error) => {
      if (json) data(jsonLine({ ...input, error: errorView(error) }));
      else note(errorText('path' in input ? input.path : input.id, error));
    },
    note,
    room: () => lines.room(),
  };
}

function note(text: string, stderr: Sink = process.stderr): void {
  stderr.write(`${harmless(text)}\n`);
}

/** An error and what it is about, on one line. */
export function errorText(what: string, error: unknown): string {
  const { code, message } = asOrdoError(error);
  return `${printable(what)}: ${code}: ${message}`;
}

/** An error as data: what a result line holds in place of a result. */
function errorView(error: unknown): { code: ErrorCode; message: string } {
  const { code, message } = asOrdoError(error);
  return { code, message };
}

/**
 * Writes the error that ended the command to stderr: `ordo: CODE: message` and what helps, or `{"error":...}` where JSON
 * was asked for.
 */
export function reportError(error: OrdoError, json: boolean, stderr: Sink = process.stderr): void {
  if (json) stderr.write(`${jsonLine({ error: errorView(error) })}\n`);
  else note(`ordo: ${error.code}: ${error.message}\nwhat helps: ${error.remedy}`, stderr);
  if (error.code === 'INTERNAL' && error.cause instanceof Error) note(error.cause.stack ?? '', stderr);
}
