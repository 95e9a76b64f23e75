import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the services trust: made once and kept, so that tokens and keys outlive a restart. */
export interface Secrets {
  readonly adminKey: string;
  readonly jwtSecret: string;
  /** The ring of keys for secrets in the database: `SECRETS_KEYS`. */
  readonly secretsKeys: string;
}

export const secretsFile = (dataDir: string): string => join(dataDir, 'secrets.json');

/** Reads the secrets kept in the data folder, or makes them. The file is for its owner alone. */
export async function ensureSecrets(dataDir: string): Promise<Secrets> {
  const file = secretsFile(dataDir);
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const stored = JSON.parse(text) as Partial<Secrets>;
  const secrets: Secrets = { ...newSecrets(), ...stored };
  // A folder of an earlier version lacks what came since.
  if (Object.keys(stored).length === Object.keys(secrets).length) return secrets;
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

const newSecrets = (): Secrets => ({
  adminKey: secret(),
  jwtSecret: secret(),
  secretsKeys: `first:${randomBytes(32).toString('base64')}`,
});

const secret = () => randomBytes(32).toString('base64url');
