import type { Output } from './output.ts';

/** The items, each once the output has room for what is said of it: what nobody reads yet is not fetched either. */
export async function* paced<T>(items: AsyncIterable<T>, output: Pick<Output, 'room'>): AsyncGenerator<T, void> {
  for await (const item of items) {
    yield item;
    await output.room();
  }
}
