import type { Broker } from './broker.ts';

/** A way to come by a broker; it throws where it is not open. */
export interface Way<B extends Broker = Broker> {
  name: string;
  open: () => Promise<B>;
}

/** There is no broker. The message says what was tried, and why each failed. */
export class NoBroker extends Error {
  override name = 'NoBroker';
}

/** The broker of the first way that is open; throws `NoBroker` if none is. */
export async function firstOpen<B extends Broker>(ways: readonly Way<B>[]): Promise<B> {
  const failures: string[] = [];
  for (const { name, open } of ways) {
    try {
      return await open();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new NoBroker(['no Kafka broker', ...failures].join('\n  '));
}
