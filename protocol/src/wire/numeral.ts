import { z } from 'zod';

const DIGITS = /^\d{1,15}$/;
const strictNumber = (value: unknown) => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value);

/** A whole number in a path or query: digits only, so that an empty or odd value is refused rather than read as 0. */
export function numeral<T extends z.ZodType>(schema: T) {
  return z.preprocess(strictNumber, schema);
}
