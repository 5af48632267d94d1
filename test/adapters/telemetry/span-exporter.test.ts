import assert from 'node:assert/strict';
import { watched } from '../../../src/adapters/telemetry/span-exporter.ts';
import { tellingLogger } from '../../support/silent.ts';

type Result = { code: number; error?: Error };

describe('watched', () => {
  let said: string[];
  let results: Result[];
  let done: Result[];

  beforeEach(() => {
    [said, results, done] = [[], [], []];
  });

  function exporting(...outcomes: Result[]): void {
    results = [...outcomes];
    const logger = tellingLogger(said);
    const inner = {
      export: (_: unknown, give: (result: Result) => void) => give(results.shift() ?? { code: 0 }),
      shutdown: async () => {},
    };
    const exporter = watched(inner, { url: 'http://there/v1/traces', logger });
    for (const _ of outcomes) exporter.export([], (result) => done.push(result));
  }

  it('says once that spans are refused, however many are, and once that they are taken again', () => {
    const refused = { code: 1, error: new Error('Bad Request') };
    exporting({ code: 0 }, refused, refused, { code: 0 }, { code: 0 });
    assert.deepEqual(said, [
      'warn: spans are dropped: the receiver does not take them {"url":"http://there/v1/traces","reason":"Bad Request"}',
      'info: the receiver takes spans again {"url":"http://there/v1/traces"}',
    ]);
  });

  it('says so where no reason is given', () => {
    exporting({ code: 1 });
    assert.match(said[0] ?? '', /"reason":"no reason was given"/);
  });

  it('hands every result on', () => {
    exporting({ code: 0 }, { code: 1 });
    assert.deepEqual(done, [{ code: 0 }, { code: 1 }]);
  });
});
