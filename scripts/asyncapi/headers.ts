/** The headers of each kind of record, as JSON Schemas of their text. */
import type { ErrorCode } from '../../src/errors.ts';
import type { EventType } from '../../src/stages/cloud-events.ts';
import { SAMPLES } from './samples.ts';

/** What tells an event from all others, in words and as the patterns that its `ce_source` and `ce_id` match. */
interface Identity {
  source: string;
  sourcePattern?: string;
  id: string;
  idPattern?: string;
}

const PRODUCER = 'The source of the image: a URI reference.';
const LOG_PLACE = 'The topic of the record that the event is about: `urn:ordo:<topic>`, without `log.prefix`.';

export const IDENTITIES: Readonly<Record<EventType, Identity>> = {
  image: {
    source: `${PRODUCER} Chosen by the producer.`,
    id: 'Chosen by the producer, another for each image of the source.',
  },
  task: { source: PRODUCER, id: '`<id of the image>/task:<index of the round>`', idPattern: '/task:[0-9]+$' },
  evidence: { source: PRODUCER, id: '`<id of the image>/evidence:<rounds so far>`', idPattern: '/evidence:[0-9]+$' },
  label: { source: PRODUCER, id: '`<id of the image>/label`', idPattern: '/label$' },
  'dead-letter': {
    source: LOG_PLACE,
    sourcePattern: '^urn:ordo:.+$',
    id: '`<partition>:<offset>/dead-letter` of the record that it holds',
    idPattern: '^[0-9]+:[0-9]+/dead-letter$',
  },
  resolution: {
    source: LOG_PLACE,
    sourcePattern: '^urn:ordo:.+$',
    id: '`<partition>:<offset>/resolution` of the dead letter',
    idPattern: '^[0-9]+:[0-9]+/resolution$',
  },
};

const TIMES: Readonly<Record<EventType, string>> = {
  image: 'When the image was taken (RFC 3339); used where the value does not say it or cannot be read.',
  task: 'When the image was taken.',
  evidence: 'When the image was taken.',
  label: 'When the image was taken.',
  'dead-letter': 'When the log took the record that could not be processed.',
  resolution: 'When the operator did it.',
};

const CODES = ['IMAGE_CORRUPT', 'BLOB_NOT_FOUND', 'RECORD_INVALID'] satisfies ErrorCode[];

/** JSON Schema of a header's text. */
export interface HeaderSchema {
  type: 'string';
  const?: string;
  examples?: string[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  description: string;
}

type Property = (type: EventType, value: string) => Omit<HeaderSchema, 'type'>;

const PROPERTIES: Readonly<Record<string, Property>> = {
  ce_specversion: (_, value) => ({ const: value, description: 'The version of CloudEvents.' }),
  ce_type: (_, value) => ({ const: value, description: 'The kind of record.' }),
  ce_source: (type) => {
    const { source, sourcePattern } = IDENTITIES[type];
    return {
      format: 'uri-reference',
      minLength: 1,
      ...(sourcePattern && { pattern: sourcePattern }),
      description: source,
    };
  },
  ce_id: (type) => {
    const { id, idPattern } = IDENTITIES[type];
    return { minLength: 1, ...(idPattern && { pattern: idPattern }), description: id };
  },
  ce_time: (type) => ({ format: 'date-time', description: TIMES[type] }),
  'content-type': (_, value) => ({ const: value, description: 'What the value is.' }),
  ordo_code: () => ({
    pattern: '^[A-Z][A-Z0-9_]*$',
    examples: CODES,
    description: 'Why: a code of docs/errors.md; more of them may come.',
  }),
  traceparent: () => ({
    pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$',
    description: 'The span that the record follows from (W3C Trace Context), where there is tracing.',
  }),
  tracestate: () => ({ maxLength: 512, description: 'What goes with `traceparent`.' }),
};

/** Headers that a record may lack. */
const OPTIONAL = ['traceparent', 'tracestate'];

/** JSON Schema of the headers of a kind of record, each as UTF-8 text. */
export function headersSchema(type: EventType) {
  const headers = Object.entries(SAMPLES[type].headers);
  const optional = type === 'image' ? ['ce_time', ...OPTIONAL] : OPTIONAL;
  return {
    type: 'object',
    required: headers.map(([name]) => name).filter((name) => !optional.includes(name)),
    properties: Object.fromEntries(headers.map(([name, value]) => [name, propertyOf(type, name, value)])),
  };
}

function propertyOf(type: EventType, name: string, value: string): HeaderSchema {
  const property = PROPERTIES[name];
  if (!property) throw new Error(`headers.ts does not describe the header ${name}`);
  return { type: 'string', ...property(type, value) };
}
