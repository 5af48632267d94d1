/** The messages of the document: one for each kind of record. */
import type { DescFile, DescMessage } from '@bufbuild/protobuf';
import type { EventType } from '../../src/stages/cloud-events.ts';
import { SCHEMAS } from '../../src/stages/codec.ts';
import { headersSchema } from './headers.ts';
import { KEYS } from './keys.ts';
import { commentOf, protoText } from './proto.ts';
import { SAMPLES } from './samples.ts';

export const KAFKA_BINDING = '0.5.0';

/** Where a record names the image that it is about. */
const IMAGE_IDS: Readonly<Partial<Record<EventType, string>>> = {
  image: '$message.header#/ce_id',
  task: '$message.payload#/state/image/id',
  evidence: '$message.payload#/state/image/id',
  label: '$message.payload#/image/id',
};

/** The name of a kind of record in the document: that of its Protobuf message. */
export function messageName(type: EventType): string {
  return SCHEMAS[type].name;
}

/** The descriptor, with comments, of the value of a kind of record. */
function descriptorOf(type: EventType, records: DescFile): DescMessage {
  const found = records.messages.find(({ typeName }) => typeName === SCHEMAS[type].typeName);
  if (!found) throw new Error(`records.proto has no ${SCHEMAS[type].typeName}`);
  return found;
}

/** A message object. `source` is the text of the file that `records` describes. */
export function messageObject(type: EventType, records: DescFile, source: string) {
  const { headers } = SAMPLES[type];
  const descriptor = descriptorOf(type, records);
  const location = IMAGE_IDS[type];
  return {
    name: headers.ce_type,
    title: messageName(type),
    summary: commentOf(descriptor),
    contentType: headers['content-type'],
    headers: headersSchema(type),
    payload: {
      schemaFormat: 'application/vnd.google.protobuf;version=3',
      schema: protoText(descriptor, source),
    },
    ...(location && { correlationId: { location, description: 'The id of the image, unique within its source.' } }),
    bindings: { kafka: { key: KEYS[type], bindingVersion: KAFKA_BINDING } },
    examples: [{ summary: 'Headers as Ordo writes them.', headers }],
  };
}
