/**
 * The JSON Schemas that a tenant may give: every value of a body is looked at by one schema, so that a check takes time in
 * proportion to the body. There are no references, no patterns, no alternatives, nothing that compares values with each other.
 */
import { invalid, storable } from '@messagecore/protocol';
import { z } from 'zod';

const TypeName = z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const count = z.int().min(0).max(100_000);

/** Names that decoders of clients refuse. */
const REFUSED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const PropertyName = storable()
  .min(1)
  .max(64)
  .refine((name) => !REFUSED.has(name), { message: 'is no name of a field' });
/** Of an object: each of them is looked for in every such object of a body. */
const MOST_FIELDS = 200;

const annotations = {
  title: z.string().max(200).optional(),
  description: z.string().max(2_000).optional(),
};
const bounds = {
  minLength: count.optional(),
  maxLength: count.optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minItems: count.optional(),
  maxItems: count.optional(),
  minProperties: count.optional(),
  maxProperties: count.optional(),
};

/** The schema of a value. */
export interface ValueSchema {
  readonly required?: readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, ValueSchema>> | undefined;
  readonly items?: ValueSchema | undefined;
  readonly additionalProperties?: boolean | ValueSchema | undefined;
}

const inner: z.ZodType<ValueSchema> = z.lazy(() => Value);
const shape = {
  ...annotations,
  ...bounds,
  enum: z.array(scalar).min(1).max(200).optional(),
  const: scalar.optional(),
  required: z.array(PropertyName).max(MOST_FIELDS).optional(),
  properties: z
    .record(PropertyName, inner)
    .refine((fields) => Object.keys(fields).length <= MOST_FIELDS, { message: `has more than ${MOST_FIELDS} fields` })
    .optional(),
  additionalProperties: z.union([z.boolean(), inner]).optional(),
  items: inner.optional(),
};
const Value = z.strictObject({ ...shape, type: z.union([TypeName, z.array(TypeName).min(1)]).optional() });
const BodySchema = z.object({ schema: z.strictObject({ ...shape, type: z.literal('object') }) });

const NO_NAME = { code: 'custom' as const, path: ['schema'], message: '__proto__ is no name of a field' };

/** Throws `bad_request` that names the words which are not taken, `schema.…`. */
export function checkLanguage(schema: object): ValueSchema {
  // A key that parsers leave out, so that no shape sees it.
  if (JSON.stringify(schema).includes('"__proto__":')) throw invalid({ issues: [NO_NAME] });
  const parsed = BodySchema.safeParse({ schema });
  if (!parsed.success) throw invalid(parsed.error);
  return schema;
}

/** How many fields an object of a body may lack at the most. */
export function mostRequired({
  required = [],
  properties = {},
  items,
  additionalProperties: others,
}: ValueSchema): number {
  const inner = [...Object.values(properties), items, typeof others === 'object' ? others : undefined];
  return Math.max(required.length, ...inner.map((schema) => (schema === undefined ? 0 : mostRequired(schema))));
}
