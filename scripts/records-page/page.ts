/** The page docs/records.md: a template, filled from what the AsyncAPI document is made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DescFile } from '@bufbuild/protobuf';
import { MOST_ATTRIBUTES, MOST_TEXT } from '../../src/stages/state.ts';
import { messagesSection } from './fields.ts';
import { headersSection, identitiesSection } from './headers.ts';
import { parametersSection, topicsSection } from './topics.ts';

const TEMPLATE = join(import.meta.dirname, 'template.md');
const EXAMPLES = join(import.meta.dirname, '..', '..', 'docs', 'examples');

/** The page as it should be. `records` are descriptors with comments. */
export function recordsPage(records: DescFile): string {
  const parts: Record<string, string> = {
    topics: topicsSection(),
    parameters: parametersSection(),
    headers: headersSection(),
    identities: identitiesSection(),
    mostText: MOST_TEXT.toLocaleString('en'),
    mostAttributes: String(MOST_ATTRIBUTES),
    produceImage: example('produce_image.py'),
    readLabels: example('read_labels.py'),
    messages: messagesSection(records),
  };
  return readFileSync(TEMPLATE, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`template.md asks for ${name}`);
    return part;
  });
}

function example(name: string): string {
  return readFileSync(join(EXAMPLES, name), 'utf8').trim();
}
