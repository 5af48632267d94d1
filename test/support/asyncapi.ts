import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import protobuf from 'protobufjs';
import { parse } from 'yaml';

const PATH = join(import.meta.dirname, '..', '..', 'schemas', 'asyncapi.yaml');

type Schema = Record<string, unknown>;

interface MessageObject {
  name: string;
  title: string;
  headers: Schema & { properties: Record<string, Schema> };
  payload: { schemaFormat: string; schema: string };
  correlationId?: { location: string };
  bindings: { kafka: { key: Schema } };
  examples: { headers: Record<string, string> }[];
}

interface OperationObject {
  action: 'send' | 'receive';
  channel: { $ref: string };
  tags: { name: string }[];
  bindings?: { kafka: { groupId: Schema } };
}

/** What the tests read of schemas/asyncapi.yaml. */
export interface AsyncApi {
  channels: Record<string, { address: string; messages: Record<string, unknown> }>;
  operations: Record<string, OperationObject>;
  components: { messages: Record<string, MessageObject> };
}

export const text = readFileSync(PATH, 'utf8');
export const asyncApi: AsyncApi = parse(text);

const ajv = new Ajv({ allErrors: true });
addFormats.default(ajv);

/** What of a value a JSON Schema does not accept; empty when it accepts all. */
export function violations(schema: Schema, value: unknown): string[] {
  ajv.validate(schema, value);
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The one message of a channel. */
export function messageOn(channel: string): MessageObject {
  const [name, ...others] = Object.keys(asyncApi.channels[channel]?.messages ?? {});
  const message = asyncApi.components.messages[name ?? ''];
  assert.ok(message && others.length === 0, `${channel} has no message, or several`);
  return message;
}

/** The topics that a party reads or writes, by the channel's name. */
export function channelsOf(party: string, action: 'send' | 'receive'): string[] {
  return Object.values(asyncApi.operations)
    .filter((operation) => operation.action === action && operation.tags.some(({ name }) => name === party))
    .map(({ channel }) => channel.$ref.replace('#/channels/', ''));
}

/**
 * A value as JSON (as Protobuf writes it, without what is unset), read with the schema that the document holds and by
 * another implementation of Protobuf than the code's.
 */
export function decoded({ title, payload }: MessageObject, value: Uint8Array): Record<string, unknown> {
  const { root, package: name } = protobuf.parse(payload.schema);
  const type = root.lookupType(`${name}.${title}`);
  return type.toObject(type.decode(value), { longs: String, enums: String, bytes: String });
}
