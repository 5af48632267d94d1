/** The headers and keys on the page: what all records have in common, and what each has of its own. */
import { headersSchema, type HeaderSchema } from '../asyncapi/headers.ts';
import { KEYS } from '../asyncapi/keys.ts';
import { messageName } from '../asyncapi/messages.ts';
import { TYPES } from '../asyncapi/topics.ts';
import { code, table, toHeading } from './markdown.ts';

const schemas = TYPES.map((type) => ({ name: messageName(type), ...headersSchema(type) }));
const names = [...new Set(schemas.flatMap(({ properties }) => Object.keys(properties)))];

/** All headers: what they say, and on which records they are. */
export function headersSection(): string {
  return table(
    ['header', 'value', 'on'],
    names.map((name) => [code(name), commonValue(name), presence(name)]),
  );
}

/** What a header says on every record that has it. */
function commonValue(name: string): string {
  const values = new Set(schemas.flatMap(({ properties: { [name]: schema } }) => (schema ? [valueOf(schema)] : [])));
  return values.size === 1 ? [...values].join('') : 'see below';
}

function presence(name: string): string {
  const on = schemas.filter(({ properties }) => name in properties);
  const optional = on.filter(({ required }) => !required.includes(name)).map((schema) => schema.name);
  const all = on.length === schemas.length ? 'all' : on.map((schema) => schema.name).join(', ');
  if (optional.length === 0) return all;
  return optional.length === on.length ? `${all}; may be absent` : `${all}; may be absent from ${optional.join(', ')}`;
}

function valueOf({ const: constant, description }: HeaderSchema): string {
  return constant === undefined ? description : `${code(constant)}: ${description}`;
}

/** The headers whose meaning differs, by record, with the keys. */
export function identitiesSection(): string {
  const varying = names.filter((name) => commonValue(name) === 'see below');
  const rows = TYPES.map((type) => {
    const { properties } = headersSchema(type);
    return [toHeading(messageName(type)), KEYS[type].description, ...varying.map((name) => ownValue(properties[name]))];
  });
  return table(['record', 'key', ...varying.map(code)], rows);
}

function ownValue(schema: HeaderSchema | undefined): string {
  return schema?.const === undefined ? (schema?.description ?? '') : code(schema.const);
}
