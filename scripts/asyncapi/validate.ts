/** Checks an AsyncAPI document with the parser of the AsyncAPI initiative. */
import { Parser } from '@asyncapi/parser';
import { ProtoBuffSchemaParser } from '@asyncapi/protobuf-schema-parser';

/** 3.0.0 is what most tools read; the document needs nothing of 3.1. */
const RULES = { 'asyncapi-latest-version': 'off' } as const;

/** Everything that the parser finds wrong or questionable in the document, its Protobuf schemas included. */
export async function asyncApiProblems(yaml: string): Promise<string[]> {
  const parser = new Parser({ ruleset: { extends: [], rules: RULES } });
  parser.registerSchemaParser(ProtoBuffSchemaParser());
  const { diagnostics } = await parser.parse(yaml);
  return diagnostics.map(({ path, message }) => `${path.join('.')}: ${message.split('\n', 1).join('')}`);
}
