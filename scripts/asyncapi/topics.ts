/** What the document goes through: the topics, and the kinds of records on them. */
import { RECORDS, type TopicKey } from '../../src/stages/router.ts';

export const TOPICS = Object.keys(RECORDS).filter((key): key is TopicKey => key in RECORDS);

export const TYPES = [...new Set(Object.values(RECORDS))];
