/** The messages on the page, field by field. */
import { type DescField, type DescFile, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { commentOf } from '../asyncapi/proto.ts';
import { code, table, toHeading } from './markdown.ts';

/** Every message of the file under a heading of its own. */
export function messagesSection({ messages }: DescFile): string {
  return messages.map(messageText).join('\n\n');
}

function messageText(message: DescMessage): string {
  const rows = message.fields.map((field) => [code(field.name), typeText(field), meaningOf(field)]);
  return `### ${message.name}\n\n${commentOf(message)}\n\n${table(['field', 'type', ''], rows)}`;
}

function typeText(field: DescField): string {
  if (field.fieldKind === 'map') throw new Error(`${field.toString()}: the page does not show maps`);
  const one = field.message ? toHeading(field.message.name) : (field.enum?.name ?? scalarName(field.scalar));
  return field.fieldKind === 'list' ? `repeated ${one}` : one;
}

function scalarName(scalar: ScalarType | undefined): string {
  return scalar === undefined ? '' : ScalarType[scalar].toLowerCase();
}

function meaningOf(field: DescField): string {
  const choice = field.oneof ? `One of ${code(field.oneof.name)}. ${commentOf(field.oneof)}`.trim() : '';
  const values = field.enum?.values.map((value) => `${code(value.name)}: ${commentOf(value)}`) ?? [];
  return [choice, commentOf(field), ...values].filter(Boolean).join(' ');
}
