import { readFile } from 'node:fs/promises';
import type { InfoRecord } from 'csv-parse/sync';
import { OrdoError } from '../errors.ts';

/** A row of a CSV file, by the names of its first line. */
export interface Row {
  /** Where the row ends in the file, from 1. */
  line: number;
  fields: Readonly<Record<string, string>>;
}

/**
 * Reads a CSV file (RFC 4180, UTF-8) with a first line of column names. `problem` says what is wrong with a row, if
 * anything.
 * Errors: INPUT_NOT_FOUND; LABELS_INVALID, with the first ten problems, each with its line.
 */
export async function readCsv(
  file: string,
  required: readonly string[],
  problem: (row: Row) => string | undefined,
): Promise<Row[]> {
  const rows = await parseRows(file, required);
  const problems = rows.flatMap((row) => {
    const text = problem(row);
    return text === undefined ? [] : [`${file}:${row.line}: ${text}`];
  });
  if (problems.length > 10) problems.splice(10, Infinity, `... and ${problems.length - 10} more`);
  if (problems.length > 0) throw new OrdoError('LABELS_INVALID', problems.join('\n'));
  if (rows.length === 0) throw new OrdoError('LABELS_INVALID', `${file} has no rows`);
  return rows;
}

async function parseRows(file: string, required: readonly string[]): Promise<Row[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OrdoError('INPUT_NOT_FOUND', `${file} is not there or cannot be read`, { cause });
  });
  const { CsvError, parse } = await import('csv-parse/sync');
  try {
    const rows = parse<{ record: Record<string, string>; info: InfoRecord }>(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      columns: (names: string[]) => checkColumns(file, names, required),
    });
    return rows.map(({ record, info }) => ({ line: info.lines, fields: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new OrdoError('LABELS_INVALID', `${file}: ${cause.message}`, { cause });
  }
}

function checkColumns(file: string, names: string[], required: readonly string[]): string[] {
  const missing = required.find((name) => !names.includes(name));
  if (missing) throw new OrdoError('LABELS_INVALID', `${file}:1: there is no column "${missing}"`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new OrdoError('LABELS_INVALID', `${file}:1: there are two columns "${twice}"`);
  return names;
}
