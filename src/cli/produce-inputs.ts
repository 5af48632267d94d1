import { dirname, extname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import { OrdoError } from '../errors.ts';
import { readCsv } from './csv.ts';
import { imagesIn, isFolder } from './images.ts';

/** An image to put into the log. */
export interface ProduceInput {
  /** Where the file is. */
  file: string;
  /** CloudEvents source and id: the identity of the image. */
  source: string;
  id: string;
  stream: string;
  attributes: Record<string, string>;
  /** Why there is nothing to read, where that is known already. */
  error?: OrdoError;
}

export interface InputOptions {
  /** Stream of images that no CSV gives one. */
  stream: string;
  /** Overrides the source `urn:ordo:produce:<stream>`. */
  source?: string;
}

/**
 * The images that the paths name, each with an identity that the next call gives it again:
 * - a folder's by their paths relative to it, and so the folders in it that cannot be read, with the error;
 * - a CSV file's by their column `path`, relative to the CSV's folder; a column `stream` or `track` sets the stream,
 *   and all columns travel as attributes;
 * - a file by its path as given.
 * Errors: INPUT_NOT_FOUND, LABELS_INVALID (the CSV), USAGE (two images of one identity).
 */
export async function produceInputs(paths: readonly string[], options: InputOptions): Promise<ProduceInput[]> {
  const inputs: ProduceInput[] = [];
  for (const path of paths) {
    for (const input of await expand(path, options)) inputs.push(input);
  }
  const seen = new Map<string, string>();
  for (const { source, id, file } of inputs) {
    const other = seen.get(`${source} ${id}`);
    if (other !== undefined) throw new OrdoError('USAGE', `${other} and ${file} are both ${id} of ${source}`);
    seen.set(`${source} ${id}`, file);
  }
  return inputs;
}

async function expand(path: string, options: InputOptions): Promise<ProduceInput[]> {
  if (await isFolder(path)) {
    return (await imagesIn(path)).map(({ path: file, error }) => ({
      ...toInput(file, relative(path, file), options, {}),
      ...(error && { error }),
    }));
  }
  if (extname(path).toLowerCase() !== '.csv') return [toInput(path, normalize(path), options, {})];
  const rows = await readCsv(path, ['path'], ({ fields }) => (fields['path'] ? undefined : 'the path is empty'));
  return rows.map(({ fields }) => fromRow(fields, dirname(path), options));
}

function fromRow(fields: Readonly<Record<string, string>>, folder: string, options: InputOptions): ProduceInput {
  const { path = '', stream, track } = fields;
  const file = isAbsolute(path) ? path : join(folder, path);
  return toInput(file, normalize(path), { ...options, stream: stream || track || options.stream }, fields);
}

function toInput(
  file: string,
  path: string,
  { stream, source = `urn:ordo:produce:${encodeURIComponent(stream)}` }: InputOptions,
  attributes: Readonly<Record<string, string>>,
): ProduceInput {
  const id = path.replaceAll(sep, '/');
  return { file, source, id, stream, attributes: { ...attributes, path: id } };
}
