/**
 * Refresh tokens: the sign-in and the number of the rotation, signed. The database holds the number of the one that counts
 * and nothing that could be turned into a token; one with a lower number was used before.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const MARK = 'mcr_';
const ID_BYTES = 16;
const NUMBER_BYTES = 6;
const MAC_BYTES = 32;

export interface RefreshClaims {
  /** Of the sign-in. */
  readonly id: string;
  readonly rotation: number;
}

export interface RefreshTokens {
  issue(claims: RefreshClaims): string;
  /** Undefined for what was not issued here. */
  read(token: string): RefreshClaims | undefined;
}

export function createRefreshTokens(key: Buffer): RefreshTokens {
  const macOf = (content: Buffer) => createHmac('sha256', key).update(content).digest();

  return {
    issue({ id, rotation }) {
      const content = Buffer.alloc(ID_BYTES + NUMBER_BYTES);
      content.write(id.replaceAll('-', ''), 'hex');
      content.writeUIntBE(rotation, ID_BYTES, NUMBER_BYTES);
      return MARK + Buffer.concat([content, macOf(content)]).toString('base64url');
    },
    read(token) {
      const bytes = Buffer.from(token.slice(MARK.length), 'base64url');
      if (!token.startsWith(MARK) || bytes.length !== ID_BYTES + NUMBER_BYTES + MAC_BYTES) return undefined;
      const content = bytes.subarray(0, ID_BYTES + NUMBER_BYTES);
      if (!timingSafeEqual(macOf(content), bytes.subarray(content.length))) return undefined;
      const hex = content.toString('hex', 0, ID_BYTES);
      const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      return { id, rotation: content.readUIntBE(ID_BYTES, NUMBER_BYTES) };
    },
  };
}
