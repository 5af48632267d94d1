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
  /** Holds its data and its log, `server.log`, until `stop`. */
  readonly folder: string;
  /** Ends the process at once, as a crash of it would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts the process again; resolves when it answers. */
  start(): Promise<void>;
  /** Halts the process: connections stay open and get no answer (SIGSTOP). */
  pause(): Promise<void>;
  /** Lets a halted process go on (SIGCONT). */
  resume(): Promise<void>;
}

/** A mechanism of SASL, as clients name it. */
export type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export interface Login {
  username: string;
  password: string;
}

/** A broker that serves TLS and logins, each on addresses of their own beside `brokers`. */
export interface SecureBroker extends BrokerProcess {
  /** TLS without a login. */
  readonly tls: readonly string[];
  /** A login in the clear. */
  readonly sasl: readonly string[];
  /** A login under TLS. */
  readonly saslTls: readonly string[];
  /** A PEM file: the certificate of the authority that signed the server's. */
  readonly ca: string;
  /** The one user that each mechanism knows. */
  readonly logins: Readonly<Record<Mechanism, Login>>;
}
