/**
 * Secrets of tenants at rest: encrypted with a key that is in the environment and not in the database, so that a copy
 * of the database signs no tokens. AES-256-GCM, a random nonce each; the associated data names the row and the column,
 * so that a text that is copied to another row cannot be decrypted. Keys are changed in four steps: docs/operate.md.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The row and column of a secret. */
export interface SecretLocation {
  readonly tid: string;
  readonly column: 'tenants.jwt_secret' | 'accounts.totp' | 'identity_providers.secret' | 'tenant_endpoints.secret';
  /** Of a table with several rows a tenant. */
  readonly row?: string;
}

export interface Secrets {
  /** Encrypts with the first key of the ring. */
  seal(secret: string, place: SecretLocation): string;
  /** Throws when the text is damaged, was sealed for another location, or with a key that the ring does not have. */
  readonly open: (sealed: string, place: SecretLocation) => string;
  /** Whether the ring has this key. */
  has(keyId: string): boolean;
  /** Whether it was made with the first key. */
  isCurrent(sealed: string): boolean;
}

/** `sealed` is `<key id>.<base64url of nonce, text, tag>`. */
export function createSecrets(keys: KeyRing): Secrets {
  const [current = ''] = keys.keys();

  function keyOf(id: string): Buffer {
    const key = keys.get(id);
    if (key === undefined)
      throw new Error(`a secret is encrypted with the key ${id}, which SECRETS_KEYS does not have`);
    return key;
  }

  return {
    seal(secret, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, keyOf(current), nonce).setAAD(associatedData(place));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${current}.${Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open(sealed, place) {
      const dot = sealed.indexOf('.');
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
      const [nonce, tag] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(-TAG_BYTES)];
      const decipher = createDecipheriv(CIPHER, keyOf(sealed.slice(0, dot)), nonce, { authTagLength: TAG_BYTES })
        .setAAD(associatedData(place))
        .setAuthTag(tag);
      const text = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
    },
    has: (keyId) => keys.has(keyId),
    isCurrent: (sealed) => sealed.startsWith(`${current}.`),
  };
}

const associatedData = ({ tid, column, row }: SecretLocation) =>
  Buffer.from(row === undefined ? `${column} ${tid}` : `${column} ${tid} ${row}`);

/** Keys by id, the first one encrypts. */
export type KeyRing = ReadonlyMap<string, Buffer>;

const KEY_BYTES = 32;
const ENTRY = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})$/;

/** Reads `id:base64,id:base64`. Undefined when a part is not an id and a key of 32 bytes, or an id is there twice. */
export function parseKeyRing(text: string): KeyRing | undefined {
  const ring = new Map<string, Buffer>();
  for (const part of text.split(',')) {
    const [, id, encoded] = ENTRY.exec(part.trim()) ?? [];
    if (id === undefined || encoded === undefined || ring.has(id)) return undefined;
    const key = Buffer.from(encoded, 'base64');
    if (key.length !== KEY_BYTES) return undefined;
    ring.set(id, key);
  }
  return ring;
}
