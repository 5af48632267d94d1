/** The topics on the page: what each holds, who writes and who reads it. */
import { RECORDS, type TopicKey } from '../../src/stages/router.ts';
import { DESCRIPTIONS } from '../asyncapi/channels.ts';
import { messageName } from '../asyncapi/messages.ts';
import { ADDRESSES, PARAMETERS } from '../asyncapi/names.ts';
import { PARTIES } from '../asyncapi/operations.ts';
import { TOPICS } from '../asyncapi/topics.ts';
import { code, table, toHeading } from './markdown.ts';

const parties = Object.entries(PARTIES);

/** The topics, and everybody who writes or reads them. */
export function topicsSection(): string {
  const head = ['topic', 'holds', 'record', 'written by', 'read by', 'consumer group'];
  return [table(head, TOPICS.map(topicRow)), table(['', 'who that is'], partyRows())].join('\n\n');
}

function topicRow(topic: TopicKey): string[] {
  const readers = parties.filter(([, { reads }]) => reads.includes(topic));
  const writers = parties.filter(([, { writes }]) => writes.includes(topic));
  return [
    code(ADDRESSES[topic]),
    DESCRIPTIONS[topic],
    toHeading(messageName(RECORDS[topic])),
    writers.map(([name]) => name).join(', '),
    readers.map(([name]) => name).join(', '),
    readers.flatMap(([, { group }]) => (group ? [code(group)] : [])).join(', '),
  ];
}

function partyRows(): string[][] {
  return parties.map(([name, { description }]) => [name, description]);
}

/** What the placeholders in names stand for. */
export function parametersSection(): string {
  const rows = Object.entries(PARAMETERS).map(([name, { description, example }]) => [
    code(`{${name}}`),
    description,
    code(example),
  ]);
  return table(['', 'stands for', 'such as'], rows);
}
