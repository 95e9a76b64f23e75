/** Settings about keys and identity providers. */
import { TenantId } from '@messagecore/protocol';
import { loadConfig, settings } from '@messagecore/runtime';
import { z } from 'zod';
import { databaseUrl } from '../../platform/database/config.ts';
import type { KeySetConfig } from './key-sets.ts';
import { type KeyRing, parseKeyRing } from './secrets.ts';

/** For `z.transform`: a ring of keys, or an issue that shows no key. */
export function keyRing(text: string, context: z.RefinementCtx): KeyRing {
  const ring = parseKeyRing(text);
  if (ring !== undefined) return ring;
  const message = 'must be id:base64 with keys of 32 bytes, separated by commas (openssl rand -base64 32)';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

const Tenants = z.union([z.literal('*'), z.array(TenantId).min(1)]);
const tenantsOf = (tenants: z.infer<typeof Tenants>) => (tenants === '*' ? 'all' : new Set(tenants));

/** For `z.transform`: tenant ids separated by commas, or `*` for all. */
export function tenantIds(text: string, context: z.RefinementCtx): KeySetConfig['tenants'] {
  const parsed = Tenants.safeParse(text === '*' ? text : text.split(',').map((id) => id.trim()));
  if (parsed.success) return tenantsOf(parsed.data);
  context.addIssue({ code: 'custom', message: 'must be tenant ids separated by commas, or *' });
  return z.NEVER;
}

const KeySets = z.array(
  z.strictObject({
    url: settings.urls(['https', 'http']),
    issuer: z.string().min(1),
    audience: z.string().min(1),
    tenants: Tenants.transform(tenantsOf),
  }),
);

/** For `z.transform`: `[{"url","issuer","audience","tenants":["…"] or "*"}]`. */
export function keySets(text: string, context: z.RefinementCtx): readonly KeySetConfig[] {
  try {
    return KeySets.parse(JSON.parse(text));
  } catch {
    const message = 'must be a JSON list of {url, issuer, audience, tenants: [ids] or "*"}';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
}

interface OneKeySet {
  readonly JWKS_URL?: string | undefined;
  readonly JWKS_ISSUER?: string | undefined;
  readonly JWKS_AUDIENCE?: string | undefined;
  readonly JWKS_TENANTS?: KeySetConfig['tenants'] | undefined;
}

const NEEDED = ['JWKS_ISSUER', 'JWKS_AUDIENCE', 'JWKS_TENANTS'] as const;

/** For `superRefine`: what a key set may vouch for has no default. */
export function checkKeySet(given: OneKeySet, context: z.RefinementCtx): void {
  if (given.JWKS_URL === undefined) return;
  for (const name of NEEDED) {
    if (given[name] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'not set, and JWKS_URL is of no use without' });
  }
}

export function oneKeySet(given: OneKeySet): readonly KeySetConfig[] {
  const { JWKS_URL: url, JWKS_ISSUER: issuer, JWKS_AUDIENCE: audience, JWKS_TENANTS: tenants } = given;
  if (url === undefined || issuer === undefined || audience === undefined || tenants === undefined) return [];
  return [{ url, issuer, audience, tenants }];
}

const UpkeepSettings = z.object({
  DATABASE_URL: databaseUrl(),
  SECRETS_KEYS: z.string().transform(keyRing),
});

/** Settings of the upkeep job. @throws ConfigError naming what is wrong. */
export function readUpkeepConfig(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string; secretsKeys: KeyRing } {
  const { DATABASE_URL, SECRETS_KEYS: secretsKeys } = loadConfig(UpkeepSettings, env);
  return { databaseUrl: DATABASE_URL, secretsKeys };
}
