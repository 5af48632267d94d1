import type { SpanOptions } from '../../ports/telemetry.ts';

/**
 * Names on spans, by the OpenTelemetry semantic conventions for messaging, version 1.44
 * (https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/messaging/messaging-spans.md). They are
 * in development and do get renamed, so no other module spells one out.
 */
export const ATTRIBUTE = {
  system: 'messaging.system',
  operationType: 'messaging.operation.type',
  operationName: 'messaging.operation.name',
  destination: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  kafkaOffset: 'messaging.kafka.offset',
  errorType: 'error.type',
} as const;

/** Conventional names of what the stages call their attributes. */
const BY_PORT_NAME: Readonly<Record<string, string>> = {
  stage: ATTRIBUTE.operationName,
  topic: ATTRIBUTE.destination,
  partition: ATTRIBUTE.partition,
};

/** Those that the conventions know of one messaging system alone. */
const BY_SYSTEM: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kafka: { offset: ATTRIBUTE.kafkaOffset },
};

const OPERATION_TYPE = { consumer: 'process', producer: 'send', internal: undefined } as const;

/** A span's attributes under their conventional names; what the conventions do not know is put under `ordo.`. */
export function conventionalAttributes({ kind, attributes = {} }: SpanOptions, system: string) {
  const renamed: Record<string, string | number> = { [ATTRIBUTE.system]: system };
  const type = OPERATION_TYPE[kind];
  if (type) renamed[ATTRIBUTE.operationType] = type;
  for (const [name, value] of Object.entries(attributes)) {
    const conventional = BY_PORT_NAME[name] ?? BY_SYSTEM[system]?.[name] ?? `ordo.${name}`;
    renamed[conventional] = conventional === ATTRIBUTE.partition ? String(value) : value;
  }
  return renamed;
}
