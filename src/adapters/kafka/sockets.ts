import type { ISocketFactory } from 'kafkajs';
import { openKafkaSocket } from './kafkajs.ts';

/**
 * The sockets of kafkajs, but for those that it gives up before they are connected. It ends them as if they were, and
 * what is ended so waits on for an answer, for two minutes on Linux, and keeps the process from ending.
 */
export const openSocket: ISocketFactory = (options) => {
  const socket = openKafkaSocket(options);
  const end = socket.end.bind(socket);
  let connected = false;
  socket.once(options.ssl ? 'secureConnect' : 'connect', () => {
    connected = true;
  });
  socket.end = () => (connected ? end() : socket.destroy());
  return socket;
};
