import assert from 'node:assert/strict';
import { pipelineJsonSchema } from '../../src/app/pipeline-schema.ts';

/** The settings of a JSON schema, by their path, that do not say what they are. */
function undescribed(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties' ? undescribedOf(value, path) : undescribed(value, path),
  );
}

function undescribedOf(properties: Record<string, object>, path: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const at = `${path}.${name}`;
    return [...('description' in schema ? [] : [at]), ...undescribed(schema, at)];
  });
}

describe('the schema of pipeline files', () => {
  it('says of every setting what it is', () => {
    assert.deepEqual(undescribed(pipelineJsonSchema()), []);
  });
});
