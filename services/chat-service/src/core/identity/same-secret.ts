import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in a time that does not depend on where two secrets differ. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(expected));
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest();
