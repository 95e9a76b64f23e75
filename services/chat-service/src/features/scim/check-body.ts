/** What no body of a request has. */
import { ScimError } from './scim-error.ts';

/** Values of attributes are two levels down, and operations two more. */
const DEPTH = 20;

const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype).map((name) => name.toLowerCase()));

/** Throws a ScimError for names that every object has, which the library would copy, and for what is nested too deep. */
export function checkBody(body: unknown, depth = 0): void {
  if (typeof body !== 'object' || body === null) return;
  if (depth > DEPTH) throw new ScimError(400, `nested more than ${DEPTH} deep`, 'invalidSyntax');
  for (const [name, value] of Object.entries(body)) {
    if (INHERITED.has(name.toLowerCase())) throw new ScimError(400, `"${name}" names no attribute`, 'invalidValue');
    checkBody(value, depth + 1);
  }
}
