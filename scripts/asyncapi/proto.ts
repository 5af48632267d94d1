/** Protobuf messages as text: their comments, and the schema of one with all that it uses. */
import type { DescMessage } from '@bufbuild/protobuf';
import { getComments } from '@bufbuild/protoplugin';

type Described = Parameters<typeof getComments>[0];

/** The comment before an element, as one line of text; empty if there is none. */
export function commentOf(element: Described): string {
  return (getComments(element).leading ?? '').trim().replace(/\s*\n\s*/g, ' ');
}

/** A message and the messages it uses, itself first, each once, in the order of the file. */
export function closureOf(message: DescMessage): DescMessage[] {
  const found = new Set<DescMessage>();
  const visit = (one: DescMessage) => {
    if (found.has(one)) return;
    found.add(one);
    for (const { message: used } of one.fields) if (used) visit(used);
  };
  visit(message);
  const inFile = message.file.messages.filter((one) => found.has(one) && one !== message);
  return [message, ...inFile];
}

/** A Protobuf file that holds a message and what it uses, in the words of the file it comes from. */
export function protoText(message: DescMessage, source: string): string {
  const parts = closureOf(message).map((one) => sourceOf(one, source));
  return [`syntax = "proto3";`, `package ${message.file.proto.package};`, ...parts].join('\n\n').concat('\n');
}

/** A message's own lines with the comment before them. */
function sourceOf(message: DescMessage, source: string): string {
  const { leading = '', sourcePath } = getComments(message);
  const locations = message.file.proto.sourceCodeInfo?.location ?? [];
  const [start = 0, , end = 0] = locations.find(({ path }) => String(path) === String(sourcePath))?.span ?? [];
  const comment = leading.split('\n').length - 1;
  return source
    .split('\n')
    .slice(start - comment, end + 1)
    .join('\n');
}
