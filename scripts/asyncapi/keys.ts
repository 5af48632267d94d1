/** The keys of each kind of record. */
import type { EventType } from '../../src/stages/cloud-events.ts';

const STREAM = { type: 'string', description: 'The stream of the image, as UTF-8.' };
const IMAGE = {
  type: 'string',
  pattern: '^[^ ]+ ',
  description: 'The source of the image, a space, and its id, as UTF-8.',
};
const COPY = {
  type: 'string',
  format: 'binary',
  description: 'The key of the record that could not be processed, as it was.',
};

export const KEYS: Readonly<
  Record<EventType, { type: string; pattern?: string; format?: string; description: string }>
> = {
  image: STREAM,
  task: IMAGE,
  evidence: IMAGE,
  label: STREAM,
  'dead-letter': COPY,
  resolution: COPY,
};
