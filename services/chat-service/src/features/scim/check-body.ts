/** What no body of a request has. */
import { isOfEveryObject } from './inherited-names.ts';
import { ScimError } from './scim-error.ts';

/** Characters. These are found by an index. */
const LONGEST = { userName: 500, externalId: 500, displayName: 500 };
/** Characters: 64 before the @ and 255 behind it (RFC 5321, 4.5.3.1). */
const LONGEST_EMAIL = 320;

/** Values of attributes are two levels down, and operations two more. */
const DEPTH = 20;

/**
 * Throws a ScimError for names that every object has, which the library would copy, for text that the database does not keep, and
 * for what is nested too deep.
 */
export function checkBody(body: unknown, depth = 0): void {
  if (typeof body === 'string' && (body.includes('\0') || !body.isWellFormed()))
    throw new ScimError(400, 'text has no NUL, and no half of a character', 'invalidValue');
  if (typeof body !== 'object' || body === null) return;
  if (depth > DEPTH) throw new ScimError(400, `nested more than ${DEPTH} deep`, 'invalidSyntax');
  for (const [name, value] of Object.entries(body)) {
    if (isOfEveryObject(name)) throw new ScimError(400, `"${name}" names no attribute`, 'invalidValue');
    checkBody(value, depth + 1);
  }
}

/** Returns the resource. Throws a ScimError for texts that are too long. */
export function checkLengths<R extends object>(resource: R): R {
  for (const [name, most] of Object.entries(LONGEST)) refuseLonger(name, Reflect.get(resource, name), most);
  const emails: unknown = Reflect.get(resource, 'emails');
  for (const email of Array.isArray(emails) ? (emails as { readonly value?: unknown }[]) : [])
    refuseLonger('emails.value', email.value, LONGEST_EMAIL);
  return resource;
}

function refuseLonger(name: string, value: unknown, most: number): void {
  if (typeof value === 'string' && value.length > most)
    throw new ScimError(400, `${name}: longer than ${most} characters`, 'invalidValue');
}
