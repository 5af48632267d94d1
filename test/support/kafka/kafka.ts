import type { Broker, BrokerProcess, SecureBroker } from './broker.ts';
import { firstOpen } from './choose.ts';
import { startBrokerContainer } from './container.ts';
import { givenBroker } from './given.ts';
import { type Jvm, startBrokerProcess } from './process.ts';
import { startSecureBroker } from './secure.ts';

const JAVA = "Kafka's own packages, by Maven, on Java";

/** A broker: the one of KAFKA_BROKERS, else one in a container, else a process of ours; throws `NoBroker` if none. */
export function kafkaBroker(jvm?: Jvm): Promise<Broker> {
  return firstOpen<Broker>([
    { name: 'KAFKA_BROKERS', open: givenBroker },
    { name: 'Docker', open: startBrokerContainer },
    { name: JAVA, open: () => startBrokerProcess(undefined, jvm) },
  ]);
}

/** A broker that may be killed, halted and started again; throws `NoBroker` where there is none. */
export function kafkaBrokerProcess(jvm?: Jvm): Promise<BrokerProcess> {
  return firstOpen([{ name: JAVA, open: () => startBrokerProcess(undefined, jvm) }]);
}

/** Such a broker that serves TLS and logins as well. */
export function secureKafkaBroker(): Promise<SecureBroker> {
  return firstOpen([{ name: JAVA, open: startSecureBroker }]);
}
