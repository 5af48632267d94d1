/** The operations of the document: what each party reads and writes. */
import { STAGES, type StageName } from '../../src/app/spec.ts';
import { FLOW } from '../../src/domain/flow.ts';
import { RECORDS, type TopicKey } from '../../src/stages/router.ts';
import { KAFKA_BINDING, messageName } from './messages.ts';
import { exampleOf, groupTemplate, patternOf } from './names.ts';

/** Who reads or writes topics: a stage, or somebody outside. */
interface Party {
  description: string;
  reads: readonly TopicKey[];
  writes: readonly TopicKey[];
  /** The consumer group, as a template; absent: none that is fixed. */
  group?: string;
}

const STAGE_DESCRIPTIONS: Readonly<Record<StageName, string>> = {
  tokenize: 'Stage: makes tokens of images.',
  score: 'Stage: asks the model how likely tokens are under each class.',
  aggregate: 'Stage: decides on a label, or asks for another round.',
};

const stages = STAGES.map((stage): [string, Party] => [
  stage,
  { ...FLOW[stage], description: STAGE_DESCRIPTIONS[stage], group: groupTemplate(stage) },
]);

/** Everybody who reads or writes topics. */
export const PARTIES: Readonly<Record<string, Party>> = {
  producer: { description: 'Whoever has images: `ordo produce`, your programs.', reads: [], writes: ['images'] },
  ...Object.fromEntries(stages),
  reader: {
    description:
      'Whoever wants outcomes: `ordo labels` and the console, without a group; your programs, each with a group of its own.',
    reads: ['labels'],
    writes: [],
  },
  operator: {
    description:
      '`ordo dlq`. To replay a dead letter is also to write its record to its topic again, as the letter holds it.',
    reads: ['deadLetters', 'resolved'],
    writes: ['resolved'],
  },
};

/** The operation objects of all parties, by id. */
export function operationObjects() {
  return Object.fromEntries(
    Object.entries(PARTIES).flatMap(([name, { reads, writes, group }]) => [
      ...writes.map((topic) => operation(name, 'send', topic)),
      ...reads.map((topic) => operation(name, 'receive', topic, group)),
    ]),
  );
}

function operation(party: string, action: 'send' | 'receive', topic: TopicKey, group?: string) {
  const channel = `#/channels/${topic}`;
  const groupId = group && { type: 'string', pattern: patternOf(group), examples: [exampleOf(group)] };
  const object = {
    action,
    channel: { $ref: channel },
    tags: [{ name: party }],
    messages: [{ $ref: `${channel}/messages/${messageName(RECORDS[topic])}` }],
    ...(groupId && { bindings: { kafka: { groupId, bindingVersion: KAFKA_BINDING } } }),
  };
  const verb = action === 'send' ? 'Sends' : 'Receives';
  return [`${party}${verb}${topic.charAt(0).toUpperCase()}${topic.slice(1)}`, object] as const;
}
