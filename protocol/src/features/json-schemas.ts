/** JSON Schemas of several zod schemas for one document, in which each named shape stands once. */
import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.JSONSchema;
/** `input`: what may be given. `output`: what comes. */
type Direction = 'input' | 'output';

export interface JsonSchemas {
  /** The JSON Schema (draft 7) of a shape; a reference when the shape has a name. */
  of(schema: z.ZodType, io: Direction): JsonSchema;
  /** Every named shape that was met so far. */
  readonly named: Readonly<Record<string, JsonSchema>>;
}

/** `place` is where the document keeps named shapes: `#/components/schemas`. */
export function jsonSchemas(place: string): JsonSchemas {
  const named: Record<string, JsonSchema> = {};
  const keep = (name: string, schema: JsonSchema) => {
    const known = named[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new Error(`two different shapes are named ${name}`);
    named[name] = schema;
  };
  return {
    named,
    of(schema, io) {
      const made = z.toJSONSchema(schema, { io, target: 'draft-7', override: ({ jsonSchema }) => opened(jsonSchema) });
      const text = JSON.stringify(made).replaceAll('"$ref":"#/definitions/', `"$ref":"${place}/`);
      const { $schema: _, definitions = {}, ...whole } = JSON.parse(text) as JsonSchema;
      for (const [name, inner] of Object.entries(definitions as Record<string, JsonSchema>)) keep(name, inner);
      return whole;
    },
  };
}

/** Unknown fields are ignored, by both sides (FRM-3). */
function opened(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}
