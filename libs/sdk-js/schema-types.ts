/** TypeScript types from JSON Schemas: of those that the operations use. Throws for what it does not know. */
import type { JsonSchema } from '@messagecore/protocol/features';

/** The type that a reference to a named shape becomes. */
export type Refer = (name: string) => string;

/** The type of whatever fits the schema, as far as types can say it. References are `#/name`. */
export function typeOf(schema: JsonSchema, refer: Refer): string {
  const inner = (each: unknown) => typeOf(each as JsonSchema, refer);
  const { $ref, allOf, anyOf, oneOf, enum: values, type } = schema;
  if ($ref !== undefined) return refer($ref.slice('#/'.length));
  if (allOf !== undefined) return joined(allOf.map(inner), ' & ');
  const either = anyOf ?? oneOf;
  if (either !== undefined) return joined(either.map(inner), ' | ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (values !== undefined)
    return joined(
      values.map((value) => JSON.stringify(value)),
      ' | ',
    );
  if (Array.isArray(type))
    return joined(
      (type as string[]).map((each) => inner({ ...schema, type: each })),
      ' | ',
    );
  switch (type) {
    case 'object':
      return objectType(schema, inner);
    case 'array':
      return arrayType(schema, inner);
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case undefined:
      return 'unknown';
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

const joined = (types: readonly string[], by: string) => `(${[...new Set(types)].join(by)})`;

type Inner = (schema: unknown) => string;

function objectType({ properties = {}, required = [], additionalProperties }: JsonSchema, inner: Inner): string {
  const fields = Object.entries(properties).map(([name, schema]) =>
    required.includes(name) ? `${name}: ${inner(schema)};` : `${name}?: ${inner(schema)} | undefined;`,
  );
  if (additionalProperties === undefined) return `{ ${fields.join(' ')} }`;
  if (fields.length === 0) return `Record<string, ${inner(additionalProperties)}>`;
  return `{ [key: string]: unknown; ${fields.join(' ')} }`;
}

function arrayType({ items }: JsonSchema, inner: Inner): string {
  return Array.isArray(items) ? `[${items.map(inner).join(', ')}]` : `(${inner(items ?? {})})[]`;
}
