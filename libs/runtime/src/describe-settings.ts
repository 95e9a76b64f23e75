import { z } from 'zod';

export interface Setting {
  readonly name: string;
  readonly isRequired: boolean;
  /** As the environment would say it; left out where there is none. */
  readonly fallback?: string;
  readonly description: string;
}

/** What a program may be told, in the order of the shape that `loadConfig` checks its environment with. */
export function describeSettings(shape: z.ZodObject): readonly Setting[] {
  const { properties = {}, required = [] } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', default: fallback } = property as z.core.JSONSchema.JSONSchema;
    const isRequired = required.includes(name);
    return { name, isRequired, description, ...(typeof fallback === 'string' && fallback !== '' && { fallback }) };
  });
}
