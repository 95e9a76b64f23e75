/** Settings of the service, read from the environment once, at start. */
import { RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import {
  type ErrorReports,
  loadConfig,
  type LogDestination,
  logSettings,
  rateSettings,
  type SentryConfig,
  sentryConfig,
  sentrySettings,
  settings,
  telemetrySettings,
  type TracingConfig,
  tracingConfig,
} from '@messagecore/runtime';
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

/** What the environment may say; docs/configuration.md is made of it. */
export const Settings = z.object({
  ROLES: z
    .string()
    .default('all')
    .transform(roleList)
    .describe(
      'what the process does: some of `api`, `rpc`, `relay`, `workers`, `jobs`, separated by commas; see [roles](operate.md#roles)',
    ),
  PORT: settings.port(8080).describe('port to listen on'),
  HOST: z.string().default('0.0.0.0').describe('address to listen on'),
  DATABASE_URL: databaseUrl().describe(
    'PostgreSQL; see [PostgreSQL](operate.md#postgresql) for several hosts, TLS and poolers',
  ),
  DATABASE_POOL_SIZE: settings
    .count(10, 2)
    .describe(
      'connections beside those of sends (3), of changes of messages (4) and of conversations (4), of the refill of a lost stream (1), and of consumers and jobs (7)',
    ),
  DATABASE_POOLED: flag().describe(
    '`true` behind a pooler in transaction mode; see [PostgreSQL](operate.md#postgresql)',
  ),
  NATS_URL: settings.urls(['nats', 'tls']).describe('NATS with JetStream; several, separated by commas'),
  STREAM_REPLICAS: settings
    .count(1, 1)
    .describe(
      'copies of the stream in a cluster of NATS, 3 where it has three servers or more: messages and changes of the last hours then survive one of them; otherwise they are published again from PostgreSQL. The same for all with the role `relay`',
    ),
  REDIS_URL: settings
    .urls(['redis', 'rediss'])
    .describe(
      "rates, who is there and was last, and a counter of the month's messages for each tenant, kept for 40 days after its last change; may be down for a while, or lose all of it: PostgreSQL has what was sent; several servers of which one takes writes, separated by commas",
    ),
  REDIS_CLUSTER: flag().describe(
    "`true` when the servers of `REDIS_URL` are nodes of a Redis Cluster (7.0 or newer): some are enough, the others are learned. The first address's user, password and TLS count for all",
  ),
  JWT_SECRET: settings.secret().describe("signs and checks users' tokens (HS256); 32 characters or more"),
  SIGNING_KEYS: z
    .string()
    .transform(signingKeys)
    .optional()
    .describe(
      "private keys that sign users' tokens in place of `JWT_SECRET`, whose tokens still count: `id:base64` of a key in PKCS #8, Ed25519 or RSA of 2048 bits or more (`openssl genpkey -algorithm ed25519 -outform DER | base64 -w0`), several separated by commas; the first one signs. `/.well-known/jwks.json` says how others check them",
    ),
  ADMIN_KEY: settings.secret(16).describe("key of the operator's routes, `/admin/v1`; 16 characters or more"),
  SECRETS_KEYS: z
    .string()
    .transform(keyRing)
    .describe(
      "keys that encrypt tenants' secrets in the database: `id:base64`, 32 bytes each (`openssl rand -base64 32`), several separated by commas; the first one encrypts",
    ),
  JWKS_URL: settings
    .urls(['https', 'http'])
    .optional()
    .describe('public keys of an identity provider whose tokens count too; needs the next three'),
  JWKS_ISSUER: z.string().optional().describe('`iss` that its tokens must have'),
  JWKS_AUDIENCE: z.string().optional().describe('`aud` that its tokens must have, among others'),
  JWKS_TENANTS: z
    .string()
    .transform(tenantIds)
    .optional()
    .describe(
      'ids of the tenants whose users its tokens may name, separated by commas; `*` for all, which is right for a provider of your own alone',
    ),
  KEY_SETS: z
    .string()
    .default('[]')
    .transform(keySets)
    .describe('the same for several providers: a JSON list of `{"url","issuer","audience","tenants":["…"]}`'),
  OUTBOUND_EXEMPT_NETWORKS: z
    .string()
    .default('')
    .transform(networks)
    .describe(
      'networks that the service may call although they are not public, as `10.1.0.0/16,fd00::/8`: where an identity provider is inside, `JWKS_URL`, `KEY_SETS` and the [providers](sign-in.md) that you name for tenants need it. What tenants name themselves never reaches them',
    ),
  LINK_PREVIEW_EXEMPT_NETWORKS: z
    .string()
    .default('')
    .transform(networks)
    .describe(
      'the same for [previews of links](operate.md#previews-of-links): pages inside that members may have fetched by linking to them',
    ),
  ENDPOINT_EXEMPT_NETWORKS: z
    .string()
    .default('')
    .transform(networks)
    .describe(
      'the same for [endpoints of tenants](operate.md#endpoints-of-tenants), which without any are asked at public addresses over TLS alone; with any, `http:` is allowed too',
    ),
  ...blobSettings,
  ...mailSettings,
  ...logSettings,
  ...telemetrySettings,
  ...sentrySettings,
  ...rateSettings,
  CORS_ORIGINS: z.string().default('*').describe('origins of browsers that may call, separated by commas; `*` for all'),
  TRUSTED_PROXIES: settings.count(0).describe('proxies in front whose `X-Forwarded-For` is believed: a number of hops'),
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
  /** Copies of the stream in a cluster of NATS; 1 when left out. */
  readonly streamReplicas?: number;
  readonly redisUrl: string;
  readonly redisCluster?: boolean;
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
  readonly endpointExemptNetworks?: readonly string[];
  /** Without it there is no place for files, and nothing that needs one. */
  readonly blobs?: BlobConfig;
  /** Without it no mails are sent, and what needs them is refused. */
  readonly mail?: MailConfig;
  /** Page of the client, of whose site passkeys are; there are none without it. */
  readonly appUrl?: string;
  readonly logLevel: string;
  /** Part of the successes that is logged; none when left out. */
  readonly logSuccessRatio?: number;
  /** Where the log goes; standard error when left out. */
  readonly logTo?: LogDestination | undefined;
  readonly limits: RateLimits;
  /** In place of single ones of `limits`; none when left out. */
  readonly rates?: Partial<RateLimits> | undefined;
  /** All origins when left out. */
  readonly corsOrigins?: readonly string[];
  readonly trustedProxies?: number;
  /** No traces when left out. */
  readonly tracing?: TracingConfig | undefined;
  /** Where errors are reported; nowhere when left out. The program makes `reports` of it. */
  readonly sentry?: SentryConfig | undefined;
  readonly reports?: ErrorReports | undefined;
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
    streamReplicas: given.STREAM_REPLICAS,
    redisUrl: given.REDIS_URL,
    redisCluster: given.REDIS_CLUSTER,
    jwtSecret: given.JWT_SECRET,
    ...(given.SIGNING_KEYS !== undefined && { signingKeys: given.SIGNING_KEYS }),
    adminKey: given.ADMIN_KEY,
    secretsKeys: given.SECRETS_KEYS,
    keySets: [...given.KEY_SETS, ...oneKeySet(given)],
    outboundExemptNetworks: given.OUTBOUND_EXEMPT_NETWORKS,
    linkPreviewExemptNetworks: given.LINK_PREVIEW_EXEMPT_NETWORKS,
    endpointExemptNetworks: given.ENDPOINT_EXEMPT_NETWORKS,
    ...(blobs !== undefined && { blobs }),
    ...(mail !== undefined && { mail }),
    ...(given.APP_URL !== undefined && { appUrl: given.APP_URL }),
    logLevel: given.LOG_LEVEL,
    logSuccessRatio: given.LOG_SUCCESS_RATIO,
    limits: RATE_PROFILES[given.LIMITS],
    ...(given.RATES !== undefined && { rates: given.RATES }),
    ...(given.CORS_ORIGINS !== '*' && { corsOrigins: given.CORS_ORIGINS.split(',').map((origin) => origin.trim()) }),
    trustedProxies: given.TRUSTED_PROXIES,
    tracing: tracingConfig(given),
    sentry: sentryConfig(given),
  };
}

/** Texts that no report of an error may have, whatever quotes them. */
export function secretsOf({ jwtSecret, adminKey, secretsKeys, blobs }: ChatServiceConfig): readonly string[] {
  const keys = [...secretsKeys.values()].map((key) => key.toString('base64'));
  return [jwtSecret, adminKey, ...keys, ...(blobs !== undefined && 'bucket' in blobs ? [blobs.secretAccessKey] : [])];
}
