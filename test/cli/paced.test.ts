import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { openOutput } from '../../src/cli/output.ts';
import { paced } from '../../src/cli/paced.ts';

/** A stream that is full after every line, until what it holds is taken. */
function fullStream() {
  let take = (_error?: Error) => {};
  const stream = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      take = done;
    },
  });
  stream.on('error', () => {});
  return { stream, take: (error?: Error) => take(error) };
}

/** Says three items to a stream, and tells how many were fetched so far. */
function sayTo(stream: Writable) {
  const said = { fetched: 0 };
  async function* items() {
    for (const item of [1, 2, 3]) {
      said.fetched += 1;
      yield item;
    }
  }
  const output = openOutput({ json: true }, stream);
  const end = (async () => {
    for await (const item of paced(items(), output)) output.result({ item }, '');
  })();
  return { said, end };
}

describe('paced', () => {
  it('fetches no item before the output has room again', async () => {
    const { stream, take } = fullStream();
    const { said, end } = sayTo(stream);
    for (const fetched of [1, 2, 3]) {
      for (let i = 0; i < 5; i++) await turn();
      assert.equal(said.fetched, fetched);
      take();
    }
    await end;
  });

  it('waits for nobody where the output has room', async () => {
    const { said, end } = sayTo(new Writable({ write: () => {} }));
    await end;
    assert.equal(said.fetched, 3);
  });

  for (const [how, error] of [
    ['cannot be written any more', new Error('EPIPE')],
    ['was closed', undefined],
  ] as const) {
    it(`goes on where the output ${how}`, async () => {
      const { stream } = fullStream();
      const { said, end } = sayTo(stream);
      await turn();
      stream.destroy(error);
      await end;
      assert.equal(said.fetched, 3);
    });
  }

  it('does not gather listeners on an output that is full', async () => {
    const { stream } = fullStream();
    const output = openOutput({}, stream);
    for (let i = 0; i < 20; i++) output.result({}, 'line');
    assert.equal(stream.listenerCount('drain'), 1);
    stream.destroy();
    await output.room();
    assert.equal(stream.listenerCount('drain'), 0);
  });
});
