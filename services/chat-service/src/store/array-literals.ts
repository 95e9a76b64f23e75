/**
 * PostgreSQL's text form of one-dimensional arrays. A statement that takes a batch gets one array a column, and this is
 * several times cheaper than the client library's own way to write them.
 */

/** For values without characters that mean something in the form: numbers, booleans, UUIDs, ULIDs. */
export function plainArray(values: readonly (string | number | boolean | null | undefined)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

const SPECIAL = /["\\]/g;

/** For any text. */
export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(SPECIAL, '\\$&')}"`).join(',')}}`;
}

/** Splits the text form of an array of numbers or plain words; NULL becomes null. */
export function splitArray(text: string): (string | null)[] {
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((value) => (value === 'NULL' ? null : value));
}
