import { NoBroker } from './choose.ts';
import { describeWith } from '../describe-with.ts';
import { BROKER } from './describe.ts';

/** Tests for a run of Mocha of its own: two that need a broker where there is none, and one that does not. */
for (const name of ['the first suite', 'the second suite']) {
  describeWith(name, {
    ...BROKER,
    open: () => Promise.reject(new NoBroker('no broker here')),
    close: () => Promise.reject(new Error('closed what was not open')),
    tests: () => it('needs a broker', () => undefined),
  });
}

it('needs no broker', () => undefined);
