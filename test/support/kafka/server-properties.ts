/** Addresses and folder of a broker that is its own controller. */
export interface ServerLayout {
  port: number;
  controllerPort: number;
  folder: string;
}

/** One node of everything, with waits made short and topics made small. */
const CONSTANT = {
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': false,
  'num.partitions': 1,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 5,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 500,
  'broker.session.timeout.ms': 1000,
  'broker.heartbeat.interval.ms': 250,
  'log.retention.check.interval.ms': 200,
  'log.initial.task.delay.ms': 0,
  'log.segment.delete.delay.ms': 100,
  'log.index.size.max.bytes': 65_536,
  'log.cleaner.dedupe.buffer.size': 2_097_152,
} as const;

/** The text of `server.properties`. */
export function serverProperties({ port, controllerPort, folder }: ServerLayout): string {
  const own = {
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': folder,
  };
  return Object.entries({ ...CONSTANT, ...own })
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}
