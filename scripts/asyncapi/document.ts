/** The AsyncAPI document of a pipeline's topics (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
import type { DescFile } from '@bufbuild/protobuf';
import { stringify } from 'yaml';
import { channelObject } from './channels.ts';
import { messageName, messageObject } from './messages.ts';
import { PARAMETERS } from './names.ts';
import { operationObjects, PARTIES } from './operations.ts';
import { TOPICS, TYPES } from './topics.ts';

/** What the document is made from. */
export interface Sources {
  /** The descriptors of the records, with comments, and the text that they describe. */
  records: DescFile;
  recordsText: string;
  /** The version of Ordo. */
  version: string;
}

const DESCRIPTION = `\
The topics of an Ordo pipeline, with the keys, headers and values of their records. Write images and read labels; the
topics in between are Ordo's own, though anybody may read them. docs/records.md says the same to people, and what is
promised of delivery.

Headers are CloudEvents 1.0 attributes in binary content mode, values are Protobuf. Each topic has at least
as many partitions as the pipeline's \`topics.partitions\` says, the number by which Ordo chooses one for a key.
`;

const KAFKA = {
  host: '{host}:{port}',
  protocol: 'kafka',
  description:
    'A Kafka cluster. The embedded log holds the same topics with the same records, but is a file that only Ordo opens.',
  variables: {
    host: { default: 'localhost', description: 'A broker to begin with.' },
    port: { default: '9092' },
  },
};

/** The whole document, as it will be written in YAML. */
export function asyncApiDocument({ records, recordsText, version }: Sources) {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ordo records',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      tags: Object.entries(PARTIES).map(([name, { description }]) => ({ name, description })),
    },
    defaultContentType: 'application/protobuf',
    servers: { kafka: KAFKA },
    channels: Object.fromEntries(TOPICS.map((topic) => [topic, channelObject(topic)])),
    operations: operationObjects(),
    components: {
      parameters: Object.fromEntries(
        Object.entries(PARAMETERS).map(([name, { description, example }]) => [
          name,
          { description, examples: [example] },
        ]),
      ),
      messages: Object.fromEntries(TYPES.map((type) => [messageName(type), messageObject(type, records, recordsText)])),
    },
  };
}

/** The document as the text of schemas/asyncapi.yaml. */
export function asyncApiYaml(sources: Sources): string {
  const body = stringify(asyncApiDocument(sources), {
    lineWidth: 120,
    aliasDuplicateObjects: false,
    blockQuote: 'literal',
  });
  return `# Written by npm run schemas:generate.\n${body}`;
}
