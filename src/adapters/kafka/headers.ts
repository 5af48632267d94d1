import { eachHeaderList, type FetchedMessage, type Header } from './kafkajs.ts';

let changed = false;

/**
 * Lets kafkajs put the headers of a record together in a time that grows with their number. By itself it copies for each
 * all those before it: one record with tens of thousands, which any producer can send, would keep every process that
 * fetches it from all else, heartbeats among it, for longer than a session.
 */
export function readManyHeaders(): void {
  if (changed) return;
  eachHeaderList((headers) => ({ reduce: () => byName(headers) }));
  changed = true;
}

/** As kafkajs gives them, but for names that every object has (`constructor`), which it takes for ones met before. */
function byName(headers: readonly Header[]): FetchedMessage['headers'] {
  const found: FetchedMessage['headers'] = Object.create(null);
  for (const { key, value } of headers) {
    const before = found[key];
    if (before === undefined) found[key] = value;
    else if (Array.isArray(before)) before.push(value);
    else found[key] = [before, value];
  }
  return found;
}
