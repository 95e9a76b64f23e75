/** Hashes of passwords as text, in the PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. */
import { randomBytes } from 'node:crypto';

/** What a hash costs: KiB of memory, passes over it, lanes. */
export interface HashParameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

export interface PasswordHash extends HashParameters {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** What a thread is asked for. */
export interface HashTask extends HashParameters {
  readonly password: string;
  readonly salt: Uint8Array;
}

export const SALT_BYTES = 16;
export const HASH_BYTES = 32;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

export function formatHash({ memory, passes, parallelism, salt, hash }: PasswordHash): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

/** @throws Error when it is no such text. */
export function parseHash(text: string): PasswordHash {
  const [, memory, passes, parallelism, salt = '', hash = ''] = PHC.exec(text) ?? [];
  if (memory === undefined) throw new Error('not a hash of Argon2id');
  return {
    ...{ memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/**
 * The salt, as it is written. It tells passwords of an account apart: a new one has a salt of its own, and one that is hashed at
 * another cost keeps it.
 */
export const saltOf = (text: string): string => base64(parseHash(text).salt);

/** A hash that no password has. */
export function hashOfNone(parameters: HashParameters): string {
  return formatHash({ ...parameters, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) });
}
