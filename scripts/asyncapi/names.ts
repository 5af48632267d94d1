/** Names of topics and groups as templates: the code's own naming, given `{pipeline}` and `{model}` for names. */
import { groupName, type StageName, topicNames } from '../../src/app/spec.ts';

const PLACEHOLDERS = { name: '{pipeline}', modelName: '{model}' };

/** The names of topics. */
export const ADDRESSES = topicNames(PLACEHOLDERS);

/** The name of a stage's consumer group. */
export function groupTemplate(stage: StageName): string {
  return groupName(PLACEHOLDERS, stage);
}

/** What the placeholders stand for. */
export const PARAMETERS = {
  pipeline: {
    description:
      'The name of the pipeline, as its file gives it, with `log.prefix` before it where the file sets that.',
    example: 'traffic-signs',
  },
  model: {
    description: 'The model, `<name>-<version>` as its manifest gives them.',
    example: 'traffic-signs-2',
  },
} as const;

/** The characters of names on Kafka. */
const NAME = '[a-zA-Z0-9._-]+';

type Parameter = keyof typeof PARAMETERS;

/** The placeholders of a template, in order. */
export function parametersOf(template: string): Parameter[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => known(name ?? ''));
}

/** A name that the template can give. */
export function exampleOf(template: string): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[known(name)].example);
}

/** A regular expression for the names that the template can give. */
export function patternOf(template: string): string {
  return `^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, NAME)}$`;
}

function known(name: string): Parameter {
  if (name === 'pipeline' || name === 'model') return name;
  throw new Error(`names.ts does not say what {${name}} stands for`);
}
