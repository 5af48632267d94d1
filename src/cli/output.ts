import { asOrdoError, type ErrorCode, type OrdoError } from '../errors.ts';

/** What a command says: data on stdout, everything else on stderr. */
export interface Output {
  /** Whether data goes out as one JSON object a line. */
  readonly json: boolean;
  /** One result: the object where JSON was asked for, else the text. */
  result(object: object, text: string): void;
  /** An input that failed while the command goes on; the object goes to stdout where JSON was asked for. */
  failure(object: object, text: string): void;
  /** Something to know, on stderr. */
  note(text: string): void;
}

/** The output of a command that was called with `--json` or without. */
export function openOutput({ json = false }: { json?: boolean }): Output {
  const data = (line: string) => void process.stdout.write(`${line}\n`);
  const note = (line: string) => void process.stderr.write(`${line}\n`);
  return {
    json,
    result: (object, text) => data(json ? JSON.stringify(object) : text),
    failure: (object, text) => (json ? data(JSON.stringify(object)) : note(text)),
    note,
  };
}

/** An error as data: what a result line holds in place of a result. */
export function errorView(error: unknown): { code: ErrorCode; message: string } {
  const { code, message } = asOrdoError(error);
  return { code, message };
}

/** Writes the error that ended the command to stderr: `ordo: CODE: message`, or `{"error":...}` where JSON was asked for. */
export function reportError(error: OrdoError, json: boolean): void {
  const text = json ? JSON.stringify({ error: errorView(error) }) : `ordo: ${error.code}: ${error.message}`;
  process.stderr.write(`${text}\n`);
  if (error.code === 'INTERNAL' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
}

/** Ends the process quietly once nobody reads stdout any more, as with `| head`. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 74);
  });
}

/** Text from outside (a path, a name, a header) that is safe to show on a terminal: control characters are escaped. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
