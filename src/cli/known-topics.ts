import { OrdoError } from '../errors.ts';

/** Sees that all topics of these names were found: one that is not there has nothing to say. Error: LOG_TOPIC_UNKNOWN. */
export function requireTopics(names: readonly string[], found: readonly { name: string }[]): void {
  const missing = names.find((name) => found.every((topic) => topic.name !== name));
  if (missing === undefined) return;
  const how = 'ordo up and ordo produce create it, or ordo topics apply';
  throw new OrdoError('LOG_TOPIC_UNKNOWN', `there is no topic ${missing}: ${how}`);
}
