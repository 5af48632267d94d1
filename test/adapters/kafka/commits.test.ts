import assert from 'node:assert/strict';
import { Commits } from '../../../src/adapters/kafka/commits.ts';
import type { FetchedMessage } from '../../../src/adapters/kafka/kafkajs.ts';
import { Namespace } from '../../../src/adapters/kafka/namespace.ts';
import { type Shelf, Shelves } from '../../../src/adapters/kafka/shelves.ts';
import { fakeConnection } from '../../support/kafka/fakes.ts';

const P0 = { topic: 't', partition: 0 };
const held = () => {};

describe('Commits', () => {
  let sent: string[];
  let shelves: Shelves;
  let shelf: Shelf;
  let commits: Commits;

  const fetched = (offsets: readonly number[], next: number) => {
    const messages = offsets.map((offset) => ({ offset: String(offset), timestamp: '0', headers: {} }));
    shelves.put(shelf, { ...P0, messages: messages as unknown as FetchedMessage[], next, end: next });
  };
  const move = (offset: number) => commits.move([{ ...P0, offset, metadata: 'm' }], held);
  /** Until what was begun has ended. */
  const settled = () => new Promise(setImmediate);

  beforeEach(() => {
    sent = [];
    shelves = new Shelves(['t']);
    shelves.open(P0, 't', 0);
    shelf = shelves.find(P0) ?? assert.fail();
    const offsetCommit = async ({ topics }: { topics: { partitions: { offset: string }[] }[] }) =>
      void sent.push(...topics.flatMap(({ partitions }) => partitions.map(({ offset }) => offset)));
    commits = new Commits({
      groupId: 'g',
      namespace: new Namespace(''),
      connection: fakeConnection({ broker: { offsetCommit } }),
      membership: {
        identity: { memberId: 'm', groupGenerationId: 1 },
        suspect: () => {},
        settled: async () => {},
      },
      shelves,
      fence: () => held,
    });
  });

  it('move past the marks behind the last record once that is committed, whichever comes first', async () => {
    fetched([0], 1);
    await move(1);
    await settled();
    assert.deepEqual(sent, ['1']);
    fetched([], 2);
    commits.pass(shelf);
    await settled();
    assert.deepEqual(sent, ['1', '2']);
    fetched([2], 4);
    await move(3);
    await settled();
    assert.deepEqual(sent, ['1', '2', '3', '4']);
  });

  it('move past no record that was fetched, be it handed out or not', async () => {
    fetched([0, 1], 3);
    await move(1);
    shelves.take(2);
    await move(1);
    await settled();
    assert.deepEqual(sent, ['1', '1']);
  });

  it('move past no record that was fetched and dropped since its partition is to go', async () => {
    fetched([0, 1], 2);
    shelves.take(1);
    shelves.leave(P0);
    await move(1);
    await settled();
    assert.deepEqual(sent, ['1']);
  });

  it('leave a partition alone that was begun anew since', async () => {
    fetched([0], 1);
    await move(1);
    fetched([], 2);
    shelves.open(P0, 't', 0);
    commits.pass(shelf);
    await settled();
    assert.deepEqual(sent, ['1']);
  });
});
