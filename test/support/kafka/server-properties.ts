/** Waits made short and topics made small, for tests that make many topics and kill brokers. */
export const TUNING = {
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
  'controller.quorum.append.linger.ms': 1,
  'log.retention.check.interval.ms': 200,
  'log.initial.task.delay.ms': 0,
  'log.segment.delete.delay.ms': 100,
  'log.index.size.max.bytes': 65_536,
  'log.cleaner.dedupe.buffer.size': 2_097_152,
} as const;

/** What the server has beside its plain listener. */
export interface ServerExtras {
  /** The ports of further listeners, by security protocol. */
  ports: Readonly<Partial<Record<'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT', number>>>;
  properties: Readonly<Record<string, string>>;
  /** SCRAM credentials as the storage tool takes them. */
  credentials: readonly string[];
}

export const NO_EXTRAS: ServerExtras = { ports: {}, properties: {}, credentials: [] };

/** Where a server that is its own controller listens, and where it keeps its data. */
export interface ServerLayout {
  port: number;
  controllerPort: number;
  folder: string;
}

/** The text of `server.properties`. */
export function serverProperties({ port, controllerPort, folder }: ServerLayout, extras: ServerExtras): string {
  const ports = Object.entries({ PLAINTEXT: port, ...extras.ports });
  const open = ports.map(([protocol, number]) => `${protocol}://127.0.0.1:${number}`);
  const own = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: [...open, `CONTROLLER://127.0.0.1:${controllerPort}`],
    'advertised.listeners': open,
    'listener.security.protocol.map': [...ports.map(([protocol]) => `${protocol}:${protocol}`), 'CONTROLLER:PLAINTEXT'],
    'log.dirs': folder,
  };
  return Object.entries({ ...TUNING, ...own, ...extras.properties })
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}
