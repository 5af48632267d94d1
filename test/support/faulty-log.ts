import type { OrdoError } from '../../src/errors.ts';
import type { Consumer, Log, NewRecord } from '../../src/ports/log.ts';

type Request = { publish: readonly NewRecord[] };

/** The log, with commits that fail as `fault` says. */
export function faultyLog(log: Log, fault: (request: Request) => OrdoError | undefined): Log {
  return {
    ...methodsOf(log),
    async consume(options) {
      const consumer = await log.consume(options);
      return {
        ...methodsOf(consumer),
        async commit(request: Parameters<Consumer['commit']>[0]) {
          const error = fault(request);
          if (error) throw error;
          await consumer.commit(request);
        },
      };
    },
  };
}

function methodsOf<T extends object>(target: T): T {
  return new Proxy({} as T, {
    ownKeys: () => namesOf(target),
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
    get(_, name) {
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function namesOf(target: object): string[] {
  const names = new Set<string>();
  for (let level = target; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) if (name !== 'constructor') names.add(name);
  }
  return [...names];
}
