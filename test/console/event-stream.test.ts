import assert from 'node:assert/strict';
import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { EventStream, format } from '../../src/console/event-stream.ts';

describe('format', () => {
  it('keeps line breaks and markup within the one data line of the event', () => {
    const data = { name: 'a\n\nevent: evil\ndata: {}\r\n<script>' };
    const text = format('labels', data);
    const lines = text.split('\n');
    assert.equal(lines.length, 4);
    assert.equal(lines[0], 'event: labels');
    assert.deepEqual(JSON.parse(lines[1]?.replace(/^data: /, '') ?? ''), data);
  });
});

/** The connection of a client that takes everything at once. */
class ReadSocket extends Socket {
  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
  override _writev(_chunks: unknown, done: () => void): void {
    done();
  }
}

describe('EventStream', () => {
  const response = (socket = new Socket()) => {
    const made = new ServerResponse(new IncomingMessage(socket));
    made.assignSocket(socket);
    return made;
  };

  it('drops a reader that does not read', () => {
    const events = new EventStream();
    const slow = response();
    events.add(slow);
    for (let i = 0; i < 5; i++) events.send('labels', 'x'.repeat(300_000));
    assert.equal(slow.destroyed, true);
  });

  it('leaves a reader the time to read its snapshot, however large', () => {
    const events = new EventStream();
    const slow = response();
    slow.write(format('snapshot', 'x'.repeat(2 << 20)));
    events.add(slow);
    for (let i = 0; i < 4; i++) events.send('labels', 'x'.repeat(300_000));
    assert.equal(slow.destroyed, false);
    events.send('labels', 'x');
    assert.equal(slow.destroyed, true);
  });

  it('keeps a reader that reads, however much it was sent', async () => {
    const events = new EventStream();
    const quick = response(new ReadSocket());
    events.add(quick);
    for (let i = 0; i < 10; i++) {
      events.send('labels', 'x'.repeat(300_000));
      await new Promise(setImmediate);
    }
    assert.equal(quick.destroyed, false);
  });

  it('forgets readers that went', async () => {
    const events = new EventStream();
    const gone = response();
    events.add(gone);
    assert.equal(events.readers, 1);
    gone.destroy();
    await new Promise((resolve) => gone.once('close', resolve));
    assert.equal(events.readers, 0);
    events.send('labels', []);
  });
});
