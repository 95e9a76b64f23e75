/**
 * Codes of links: 128 random bits in Crockford's base 32, of which only the SHA-256 is kept. With so many bits a slow hash
 * would guard nothing, and looking a hash up tells a guesser nothing about any code.
 */
import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BYTES = 16;
const CHARACTERS = 26;

export function newLinkCode(bytes: Buffer = randomBytes(BYTES)): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let code = '';
  for (let n = 0; n < CHARACTERS; n += 1) {
    code = ALPHABET.charAt(Number(rest & 31n)) + code;
    rest >>= 5n;
  }
  return code;
}

export function hashOfCode(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
