/** Settings of the service, read from the environment once, at start. */
import { RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import { loadConfig, settings } from '@messagecore/runtime';
import { z } from 'zod';
import { checkKeySet, keyRing, keySets, oneKeySet, tenantIds } from './core/identity/config.ts';
import type { KeySetConfig } from './core/identity/key-sets.ts';
import type { KeyRing } from './core/identity/secrets.ts';
import { type SigningKeys, signingKeys } from './core/identity/signing-keys.ts';
import { type BlobConfig, blobConfig, blobSettings, checkBlobs } from './platform/blobs/config.ts';
import { databaseUrl } from './platform/database/config.ts';
import { checkMail, type MailConfig, mailConfig, mailSettings } from './platform/mail/config.ts';
import { networks } from './platform/outbound/config.ts';
import { type Role, roleList } from './roles/roles.ts';

const flag = () =>
  z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .transform((value) => value === 'true');

const Settings = z.object({
  /** What this process does: `all`, or some of api, rpc, relay, workers, jobs. */
  ROLES: z.string().default('all').transform(roleList),
  PORT: settings.port(8080),
  HOST: z.string().default('0.0.0.0'),
  DATABASE_URL: databaseUrl(),
  /** Connections for everything but sends, and whether a pooler in transaction mode stands in between. */
  DATABASE_POOL_SIZE: settings.count(10, 2),
  DATABASE_POOLED: flag(),
  NATS_URL: settings.urls(['nats', 'tls']),
  REDIS_URL: settings.urls(['redis', 'rediss']),
  JWT_SECRET: settings.secret(),
  /** Private keys that sign users' tokens in place of `JWT_SECRET`: `id:base64,…`, the first one signs. */
  SIGNING_KEYS: z.string().transform(signingKeys).optional(),
  ADMIN_KEY: settings.secret(16),
  /** Keys with which tenants' secrets are encrypted: `id:base64,…`, the first one encrypts. */
  SECRETS_KEYS: z.string().transform(keyRing),
  /** Public keys of an identity provider whose tokens are taken too, and what its tokens must say. */
  JWKS_URL: settings.urls(['https', 'http']).optional(),
  JWKS_ISSUER: z.string().optional(),
  JWKS_AUDIENCE: z.string().optional(),
  JWKS_TENANTS: z.string().transform(tenantIds).optional(),
  /** The same for several providers, as JSON. */
  KEY_SETS: z.string().default('[]').transform(keySets),
  /** Networks that requests to the outside may reach although they are not public, as `10.1.0.0/16`, separated by commas. */
  OUTBOUND_EXEMPT_NETWORKS: z.string().default('').transform(networks),
  /** The same for what users link to. */
  LINK_PREVIEW_EXEMPT_NETWORKS: z.string().default('').transform(networks),
  ...blobSettings,
  ...mailSettings,
  LOG_LEVEL: settings.logLevel(),
  LIMITS: z.enum(['production', 'load']).default('production'),
  /** Origins of browsers that may call, separated by commas; `*` for all. */
  CORS_ORIGINS: z.string().default('*'),
  /** Proxies in front whose X-Forwarded-For is believed: a number of hops. */
  TRUSTED_PROXIES: settings.count(0),
});

/** A key set says whom it speaks for, or is not taken. */
const Checked = Settings.superRefine(checkKeySet).superRefine(checkBlobs).superRefine(checkMail);

export interface ChatServiceConfig {
  /** All when left out. */
  readonly roles?: ReadonlySet<Role>;
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  readonly databasePoolSize?: number;
  readonly databasePooled?: boolean;
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** Longest that Redis may take for an answer before the process counts for itself; 100 when left out. */
  readonly redisTimeoutMs?: number;
  /** How long the job and the events of a process that died wait for another one; see job-runner.ts, consumer-runner.ts. */
  readonly jobLeaseMs?: number;
  readonly eventLeaseMs?: number;
  readonly jwtSecret: string;
  /** None when left out: `jwtSecret` signs. */
  readonly signingKeys?: SigningKeys;
  readonly adminKey: string;
  /** Encrypts tenants' secrets; the first key of the ring does. */
  readonly secretsKeys: KeyRing;
  /** None when left out. */
  readonly keySets?: readonly KeySetConfig[];
  /** None when left out. */
  readonly outboundExemptNetworks?: readonly string[];
  readonly linkPreviewExemptNetworks?: readonly string[];
  /** Without it there is no place for files, and nothing that needs one. */
  readonly blobs?: BlobConfig;
  /** Without it no mails are sent, and what needs them is refused. */
  readonly mail?: MailConfig;
  readonly logLevel: string;
  readonly limits: RateLimits;
  /** All origins when left out. */
  readonly corsOrigins?: readonly string[];
  readonly trustedProxies?: number;
}

/** @throws ConfigError that lists every wrong setting. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ChatServiceConfig {
  const given = loadConfig(Checked, env);
  const blobs = blobConfig(given);
  const mail = mailConfig(given);
  return {
    roles: given.ROLES,
    port: given.PORT,
    host: given.HOST,
    databaseUrl: given.DATABASE_URL,
    databasePoolSize: given.DATABASE_POOL_SIZE,
    databasePooled: given.DATABASE_POOLED,
    natsUrl: given.NATS_URL,
    redisUrl: given.REDIS_URL,
    jwtSecret: given.JWT_SECRET,
    ...(given.SIGNING_KEYS !== undefined && { signingKeys: given.SIGNING_KEYS }),
    adminKey: given.ADMIN_KEY,
    secretsKeys: given.SECRETS_KEYS,
    keySets: [...given.KEY_SETS, ...oneKeySet(given)],
    outboundExemptNetworks: given.OUTBOUND_EXEMPT_NETWORKS,
    linkPreviewExemptNetworks: given.LINK_PREVIEW_EXEMPT_NETWORKS,
    ...(blobs !== undefined && { blobs }),
    ...(mail !== undefined && { mail }),
    logLevel: given.LOG_LEVEL,
    limits: RATE_PROFILES[given.LIMITS],
    ...(given.CORS_ORIGINS !== '*' && { corsOrigins: given.CORS_ORIGINS.split(',').map((origin) => origin.trim()) }),
    trustedProxies: given.TRUSTED_PROXIES,
  };
}
