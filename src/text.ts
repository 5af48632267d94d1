/** Text of others (producers, paths, servers) in messages. */

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
    const escaped = escapedControls(JSON.stringify(char).slice(1, -1));
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

/** JSON in which the control characters that JSON lets stand (U+007F to U+009F) are escaped too. */
function escapedControls(json: string): string {
  return json.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
