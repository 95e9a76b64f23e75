/**
 * PostgreSQL's text form of one-dimensional arrays. A statement that takes a batch gets one array a column, and this is
 * several times cheaper than the client library's own way to write them.
 */

type Plain = string | number | boolean | null | undefined;

/** For values without characters that mean something in the form: numbers, booleans, UUIDs, ULIDs. */
export function plainArray(values: readonly Plain[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Null when there is nothing but absent and false values, which `unnest` fills in by itself. */
export function sparseArray(values: readonly Plain[]): string | null {
  return values.some((value) => value !== undefined && value !== null && value !== false) ? plainArray(values) : null;
}

/** For any text. */
export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${escaped(value)}"`).join(',')}}`;
}

const SPECIAL = /["\\]/;

function escaped(value: string): string {
  return SPECIAL.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"') : value;
}

/** The same with absent ones; null when all are. */
export function sparseTextArray(values: readonly (string | undefined)[]): string | null {
  if (values.every((value) => value === undefined)) return null;
  return `{${values.map((value) => (value === undefined ? 'NULL' : `"${escaped(value)}"`)).join(',')}}`;
}

/** The elements of an array of numbers or plain words as PostgreSQL writes it; none when it is null. */
export function elementsOf(text: string | null): string[] {
  return text === null || text === '{}' ? [] : text.slice(1, -1).split(',');
}
