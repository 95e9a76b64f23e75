/** What of a body is stored, in which order. Pure. */
import type { ValueSchema } from './schema-language.ts';

/** A schema prepared for looking its fields up by name. */
export interface Shape {
  readonly fields: ReadonlyMap<string, { readonly place: number; readonly shape: Shape }>;
  readonly items: Shape | undefined;
  readonly others: boolean | Shape;
}

export function shapeOf({ properties = {}, items, additionalProperties: others = false }: ValueSchema): Shape {
  const fields = Object.entries(properties).map(
    ([name, inner], place) => [name, { place, shape: shapeOf(inner) }] as const,
  );
  return {
    fields: new Map(fields),
    items: items && shapeOf(items),
    others: typeof others === 'boolean' ? others : shapeOf(others),
  };
}

/**
 * What the schema describes, in its order; other fields only where it says `additionalProperties`. Takes time in proportion to
 * the value, however many fields the schema has.
 */
export function keepKnown(shape: Shape, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = shape;
    return items === undefined ? value : value.map((item) => keepKnown(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { fields, others } = shape;
  const entries = Object.entries(value);
  const known = entries
    .flatMap(([name, inner]) => {
      const field = fields.get(name);
      return field === undefined ? [] : [{ ...field, name, inner }];
    })
    .toSorted((a, b) => a.place - b.place)
    .map((field) => [field.name, keepKnown(field.shape, field.inner)] as const);
  if (others === false) return Object.fromEntries(known);
  const more = entries
    .filter(([name]) => !fields.has(name))
    .map(([name, other]) => [name, others === true ? other : keepKnown(others, other)] as const);
  return Object.fromEntries([...known, ...more]);
}
