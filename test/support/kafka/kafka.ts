import type { Broker, BrokerProcess } from './broker.ts';
import { firstOpen, type Way } from './choose.ts';
import { startBrokerContainer } from './container.ts';
import { givenBroker } from './given.ts';
import { startBrokerProcess } from './process.ts';

const PROCESS: Way<BrokerProcess> = { name: "Kafka's packages from Maven on Java", open: startBrokerProcess };

/** A broker: the one of KAFKA_BROKERS, else one in a container, else a process of ours; throws `NoBroker` if none. */
export function kafkaBroker(): Promise<Broker> {
  return firstOpen<Broker>([
    { name: 'KAFKA_BROKERS', open: () => givenBroker() },
    { name: 'Docker', open: startBrokerContainer },
    PROCESS,
  ]);
}

/** A broker of one's own that may be killed, halted and started again; throws `NoBroker` where there is none. */
export function kafkaBrokerProcess(): Promise<BrokerProcess> {
  return firstOpen([PROCESS]);
}
