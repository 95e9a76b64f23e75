/** What a secret looks like in a file, and which secrets of this machine an image must not have. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseEnv } from 'node:util';

export interface Looked {
  readonly path: string;
  readonly bytes: number;
  readonly text: () => string;
}

const NAMES = /^(?:\.env(?:\..*)?|\.netrc|\.pgpass|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:pem|key|p12|pfx))$/;
const CONTENT = [
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[\w+/=]{16}/, what: 'a private key' },
  { pattern: /^\s*\/\/\S+:_(?:authToken|auth|password)\s*=\s*\S/m, what: 'a token of npm' },
];
/** Larger files are programs and data. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Shorter values are words. */
const LEAST_LENGTH = 12;

/** Why a file seems to hold a secret; undefined when it does not. */
export function secretIn({ path, bytes, text }: Looked, known: readonly string[]): string | undefined {
  if (NAMES.test(basename(path))) return 'the name of a secret file';
  if (bytes > MOST_BYTES) return undefined;
  const content = text();
  const found = CONTENT.find(({ pattern }) => pattern.test(content));
  if (found !== undefined) return found.what;
  return known.some((value) => content.includes(value)) ? 'a secret of this machine' : undefined;
}

/** Values of the files that hold this machine's secrets: `.env`, and the `.npmrc` of the build. Those that are not there count as empty. */
export function knownSecrets(envFile: string, npmrc: string | undefined): string[] {
  const env = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8')) : {};
  const fromEnv = Object.entries(env).flatMap(([name, value]) =>
    /PASSWORD|SECRET|KEY|TOKEN/.test(name) ? [value ?? ''] : [],
  );
  const tokens =
    npmrc === undefined ? [] : [...readFileSync(npmrc, 'utf8').matchAll(/:_(?:authToken|auth|password)\s*=\s*(\S+)/g)];
  return [...fromEnv, ...tokens.map(([, value]) => value ?? '')].filter((value) => value.length >= LEAST_LENGTH);
}
