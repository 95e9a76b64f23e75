import { createHmac } from 'node:crypto';
import { JWT_SECRET } from './system.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token made by hand (HS256), to be wrong in whatever way a test wants. */
export function forgeToken(claims: object, secret = JWT_SECRET, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const unsigned = `${part(header)}.${part(claims)}`;
  return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
}

/** The claims of a token, unchecked. */
export function claimsOf(token: string): { sub: string; tid: string; exp: number } {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')) as ReturnType<typeof claimsOf>;
}
