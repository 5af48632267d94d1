/** Which topics each stage reads, the most urgent first, and which it writes. */
export const FLOW = {
  tokenize: { reads: ['images'], writes: ['tasks', 'labels', 'deadLetters'] },
  score: { reads: ['tasksNext', 'tasks'], writes: ['evidence', 'labels', 'deadLetters'] },
  aggregate: { reads: ['evidence'], writes: ['tasksNext', 'tasks', 'labels', 'deadLetters'] },
} as const;

type Stage = keyof typeof FLOW;
type Topic = (typeof FLOW)[Stage]['reads' | 'writes'][number];

/** The names of the topics that a stage reads, the most urgent first. */
export function inputsOf(stage: Stage, topics: Readonly<Record<Topic, string>>): string[] {
  return FLOW[stage].reads.map((topic) => topics[topic]);
}
