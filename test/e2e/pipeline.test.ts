import { describeWithKafka } from '../support/kafka/describe.ts';
import { tinyOnKafka } from '../support/kafka/spec.ts';
import { tinySpec } from '../support/tiny.ts';
import { badInputsSuite } from './bad-inputs-suite.ts';
import { pipelineSuite } from './pipeline-suite.ts';

describe('a pipeline on the embedded log', () => {
  pipelineSuite(tinySpec);
  badInputsSuite(tinySpec);
});

describeWithKafka('a pipeline whose log is Kafka', (broker) => {
  pipelineSuite((folder) => tinyOnKafka(folder, broker().brokers));
  badInputsSuite((folder) => tinyOnKafka(folder, broker().brokers));
});
