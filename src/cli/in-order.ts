/**
 * Applies an asynchronous function to many items, up to `limit` of them at a time, and yields the results in the order
 * of the items. The function must not reject: an error is a result like any other. Items are taken as results are.
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const started: Promise<R>[] = [];
  for await (const item of items) {
    started.push(work(item));
    const first = started.length < limit ? undefined : started.shift();
    if (first) yield await first;
  }
  yield* started;
}
