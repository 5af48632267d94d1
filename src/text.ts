/** Text of others (producers, paths, servers) in messages and on terminals. */

/** Most characters of a text of others that a message repeats. */
const MOST_QUOTED = 100;

/**
 * A text of others as messages repeat it: in quotation marks, escaped as in JSON, and cut to about `most` characters;
 * what was cut tells how long it was.
 */
export function quoted(text: string, most = MOST_QUOTED): string {
  let kept = '';
  // By code points, so that no pair of surrogates is split.
  for (const char of text) {
    const escaped = harmlessJson(JSON.stringify(char).slice(1, -1));
    if (kept.length + escaped.length > most) return `"${kept}"${lengthOf(text)}`;
    kept += escaped;
  }
  return `"${kept}"`;
}

/** A text of at most about `most` characters; what was cut tells how long it was. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}${lengthOf(text)}`;
}

function lengthOf({ length }: string): string {
  return `... (${length} characters)`;
}

/** Text from outside (a path, a name) on one line: control characters are escaped. */
export function printable(text: string): string {
  return harmless(text).replaceAll('\n', '\\x0a');
}

/** Text that does nothing to a terminal but fill lines: other control characters are escaped. */
export function harmless(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** An object as JSON on one line that does nothing to a terminal. */
export function jsonLine(object: object): string {
  return harmlessJson(JSON.stringify(object));
}

/** JSON in which those control characters are escaped too that JSON lets stand: U+007F to U+009F. */
export function harmlessJson(json: string): string {
  return json.replace(/[\u007f-\u009f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
