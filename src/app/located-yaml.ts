import { inspect } from 'node:util';
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';
import type { z } from 'zod';
import { OrdoError } from '../errors.ts';

/** What is wrong with a field. The path holds the keys (list items by index) from the top of the file; empty: the file. */
export interface Problem {
  path: readonly PropertyKey[];
  message: string;
}

interface Found {
  /** Characters from the start of the file. */
  offset: number;
  text: string;
}

/** A YAML file that knows where each of its fields stands. Every problem found in it is PIPELINE_INVALID. */
export class LocatedYaml {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  /** `file` is how messages name it. */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, stringKeys: true });
  }

  /**
   * The content as the schema reads it. The schema's messages are taken as what was expected, and an unknown key's as
   * the list of the known ones.
   */
  validate<S extends z.ZodType>(schema: S): z.output<S> {
    const malformed = [...this.#document.errors, ...this.#document.warnings];
    const found = malformed.map((error) => ({ offset: error.pos[0], text: error.message }));
    if (malformed.some((error) => error.code !== 'DUPLICATE_KEY')) this.#throw(found);
    const data = this.#content();
    const result = schema.safeParse(data);
    if (result.success && found.length === 0) return result.data;
    const problems = result.error?.issues.flatMap((issue) => explain(issue, data)) ?? [];
    return this.#throw([...found, ...this.#locate(problems)]);
  }

  /** Throws if there is any problem. */
  raise(problems: readonly Problem[]): void {
    if (problems.length > 0) this.#throw(this.#locate(problems));
  }

  #content(): unknown {
    try {
      return this.#document.toJS();
    } catch (error) {
      return this.#throw([{ offset: 0, text: error instanceof Error ? error.message : String(error) }]);
    }
  }

  #throw(found: readonly Found[]): never {
    const lines = found
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, text }) => {
        const { line, col } = this.#lines.linePos(offset);
        return `${this.#file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${text}`;
      });
    throw new OrdoError('PIPELINE_INVALID', [...new Set(lines)].join('\n'));
  }

  #locate(problems: readonly Problem[]): Found[] {
    return problems.map(({ path, message }) => {
      const field = path.map(String).join('.');
      return { offset: this.#offset(path), text: field ? `${field}: ${message}` : message };
    });
  }

  /** Where the field's key (or the list's item) stands, or that of the nearest one around it. */
  #offset(path: Problem['path']): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? 0;
    for (const key of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      const pair: Pair | undefined = isMap(node) ? node.items.find((item) => keyOf(item) === String(key)) : undefined;
      const item: unknown = isSeq(node) ? node.items[Number(key)] : undefined;
      offset = startOf(pair?.key ?? item) ?? offset;
      node = pair?.value ?? item;
    }
    return offset;
  }
}

function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function explain(issue: z.core.$ZodIssue, data: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `unknown key; expected one of ${issue.message}`,
    }));
  }
  const value = valueAt(data, issue.path);
  const found = wantsMapping(issue) ? kindOf(value) : show(value);
  return [{ path: issue.path, message: `expected ${issue.message}, got ${found}` }];
}

/** Whether a mapping belongs there and nothing else. What stands there instead is not repeated: it may be a secret. */
function wantsMapping(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_type') return issue.expected === 'object';
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return false;
  return issue.errors.every(([first]) => first !== undefined && wantsMapping(first));
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    data,
  );
}

/** A user's name or password in a URL, well-formed or not. */
const MAYBE_PASSWORD = /:.*@/s;

/** A value as messages repeat it, in short; not where a password may be in it. */
export function show(value: unknown): string {
  if (typeof value === 'string' && MAYBE_PASSWORD.test(value)) return 'a text that may hold a password';
  if (value === undefined || value === null || typeof value === 'object') return kindOf(value);
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping';
  return `a ${typeof value}`;
}
