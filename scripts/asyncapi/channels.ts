/** The channels of the document: one for each topic. */
import { RECORDS, type TopicKey } from '../../src/stages/router.ts';
import { KAFKA_BINDING, messageName } from './messages.ts';
import { ADDRESSES, parametersOf } from './names.ts';

export const DESCRIPTIONS: Readonly<Record<TopicKey, string>> = {
  images: 'Images to classify, by stream.',
  tasks: 'First rounds to score.',
  tasksNext: 'Later rounds to score; they are read before first ones, so that what is begun is finished first.',
  evidence: 'Images with what the rounds so far found.',
  labels: 'Outcomes of images, by stream: a label, or failed, or expired.',
  deadLetters: 'Records that could not be processed.',
  resolved: 'What operators did with dead letters.',
};

/** A channel object. */
export function channelObject(topic: TopicKey) {
  const address = ADDRESSES[topic];
  const name = messageName(RECORDS[topic]);
  return {
    address,
    description: DESCRIPTIONS[topic],
    servers: [{ $ref: '#/servers/kafka' }],
    parameters: Object.fromEntries(
      parametersOf(address).map((parameter) => [parameter, { $ref: `#/components/parameters/${parameter}` }]),
    ),
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    bindings: { kafka: { topic: address, bindingVersion: KAFKA_BINDING } },
  };
}
