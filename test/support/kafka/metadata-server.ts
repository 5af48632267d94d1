import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Of the protocol (https://kafka.apache.org/protocol#protocol_api_keys), with the versions that are served. */
const API = {
  metadata: { key: 3, version: 1 },
  initProducerId: { key: 22, version: 0 },
  apiVersions: { key: 18, version: 2 },
};
const LEADER_NOT_AVAILABLE = 5;

export interface MetadataServer {
  broker: string;
  close(): void;
}

/**
 * A broker that serves what tells brokers and topics, and nothing else: each topic has one partition, with a leader or
 * without.
 */
export async function metadataServer(topics: Readonly<Record<string, 'led' | 'leaderless'>>): Promise<MetadataServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A client sends a request whole, and the next once it has the answer.
    socket.on('data', (request) => socket.write(answer(request, topics, (server.address() as AddressInfo).port)));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { broker: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function answer(request: Buffer, topics: Readonly<Record<string, 'led' | 'leaderless'>>, port: number): Buffer {
  const key = request.readInt16BE(4);
  const asked = request.subarray(14 + request.readInt16BE(12));
  const bodies = new Map([
    [API.apiVersions.key, () => [int16(0), ...array(Object.values(API).map(versionsOf)), int32(0)]],
    [API.metadata.key, () => metadata(namesIn(asked) ?? Object.keys(topics), topics, port)],
    [API.initProducerId.key, () => [int32(0), int16(0), int32(0), int32(1), int16(0)]],
  ]);
  const body = Buffer.concat([request.subarray(8, 12), ...(bodies.get(key)?.() ?? [])]);
  return Buffer.concat([int32(body.length), body]);
}

function versionsOf({ key, version }: { key: number; version: number }): Buffer {
  return Buffer.concat([int16(key), int16(0), int16(version)]);
}

function metadata(names: readonly string[], topics: Readonly<Record<string, string>>, port: number): Buffer[] {
  const broker = Buffer.concat([int32(1), text('127.0.0.1'), int32(port), int16(-1)]);
  const found = names.map((name) => {
    const led = topics[name] === 'led';
    const partition = [int16(led ? 0 : LEADER_NOT_AVAILABLE), int32(0), int32(led ? 1 : -1), int32(0), int32(0)];
    return Buffer.concat([int16(0), text(name), Buffer.of(0), ...array([Buffer.concat(partition)])]);
  });
  return [...array([broker]), int32(1), ...array(found)];
}

/** The topics that a request names; undefined where it asks for all. */
function namesIn(asked: Buffer): string[] | undefined {
  const count = asked.readInt32BE(0);
  if (count < 0) return undefined;
  let at = 4;
  return Array.from({ length: count }, () => {
    const length = asked.readInt16BE(at);
    at += 2 + length;
    return asked.toString('utf8', at - length, at);
  });
}

function array(items: readonly Buffer[]): Buffer[] {
  return [int32(items.length), ...items];
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
