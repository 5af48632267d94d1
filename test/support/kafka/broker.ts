/** A running Kafka broker. Tests share it, so they name their topics and groups like nobody else. */
export interface Broker {
  /** `given` by the environment, in a `container`, or a `process` of this machine. */
  readonly kind: 'given' | 'container' | 'process';
  /** Where clients start, `host:port`, in the clear and without a login. */
  readonly brokers: readonly string[];
  /** Ends the broker and removes its data; leaves one that was given as it is. */
  stop(): Promise<void>;
}

/** A broker that a test may hurt. Its addresses and, until `stop`, its data stay the same. */
export interface BrokerProcess extends Broker {
  readonly kind: 'process';
  /** Ends the process at once, as a crash of it would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts the process again; resolves when it answers. */
  start(): Promise<void>;
  /** Halts the process: connections stay open and get no answer (SIGSTOP). */
  pause(): Promise<void>;
  /** Lets a halted process go on (SIGCONT). */
  resume(): Promise<void>;
}
