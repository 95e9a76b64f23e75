/** Settings that may be changed while a process runs, by the shapes that its environment is checked with, and why others may not. */
import { LIMITS, RATE_PROFILES, type Rate, type RateLimits } from '@messagecore/protocol';
import { z } from 'zod';
import { settings } from './settings.ts';
import { logSettings } from './telemetry-config.ts';

/** `sendsPerTenant` is of no profile where plans say it. */
const RATE_NAMES: ReadonlySet<string> = new Set([...Object.keys(RATE_PROFILES.production), 'sendsPerTenant']);
const RATE = /^(\w+)=(\d*\.?\d+)\/(\d+)$/;
const MOST = 1e9;

/** `sendsPerUser=50/200,httpPerIp=600/1200`: so many a second, and so many at once after a rest. */
function rates(text: string, context: z.RefinementCtx): Partial<RateLimits> {
  const found: Record<string, Rate> = {};
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [, name = '', perSecond, burst] = RATE.exec(part) ?? [];
    const rate = { perSecond: Number(perSecond), burst: Number(burst) };
    const isOne = RATE_NAMES.has(name) && rate.perSecond > 0 && rate.burst >= 1;
    if (!isOne || rate.perSecond > MOST || rate.burst > MOST) {
      context.addIssue({ code: 'custom', message: 'must be rates as sendsPerUser=50/200, separated by commas' });
      return z.NEVER;
    }
    found[name] = rate;
  }
  return found;
}

/** Settings of rates, the same for every service. */
export const rateSettings = {
  LIMITS: z
    .enum(['production', 'load'])
    .default('production')
    .describe('rates that callers may have: `production`, or `load`, wide enough for load tests'),
  RATES: z
    .string()
    .transform(rates)
    .optional()
    .describe(
      'single [rates](../protocol/SPEC.md) in place of those of `LIMITS`, as `sendsPerUser=50/200,httpPerIp=600/1200`: so many a second, and so many at once after a rest. The same for all services',
    ),
};

/** Settings of a gateway about how many may connect. */
export const sessionSettings = {
  MAX_PENDING: settings
    .count(LIMITS.pendingConnections, 1)
    .describe('connections that may wait for their token at once'),
  MAX_PENDING_PER_IP: settings.count(LIMITS.pendingPerAddress, 1).describe('the same from one address'),
  MAX_SESSIONS_PER_USER: settings.count(LIMITS.sessionsPerUser, 1).describe('sessions of one user'),
};

const LIVE = { ...logSettings, ...rateSettings, ...sessionSettings };
type Shapes = typeof LIVE;

export const LIVE_SETTINGS: readonly string[] = Object.keys(LIVE);

/** What was changed, as the shapes read it. */
export type LiveChanges = { readonly [Name in keyof Shapes]?: Exclude<z.output<Shapes[Name]>, undefined> };

/** By the name of the setting, as the environment would say it. */
export type LiveTexts = Readonly<Record<string, string>>;

const CONNECTED = 'connections are made with it when a process starts';
const KEYS = 'keys are given to a process when it starts, and nobody else may change them';
const TRUST = 'whom a process trusts is said by who starts it';
const PLACE = 'it says what the process is, and where';
const SHARED = 'what is there would be left behind or split: all processes have to change together';

/** Why a setting holds until the process is started again. */
export const FIXED_SETTINGS: Readonly<Record<string, string>> = {
  ...reasons(PLACE, 'ROLES', 'PORT', 'HOST'),
  ...reasons(CONNECTED, 'DATABASE_URL', 'DATABASE_POOL_SIZE', 'DATABASE_POOLED', 'NATS_URL', 'REDIS_URL'),
  ...reasons(CONNECTED, 'REDIS_CLUSTER', 'SMTP_URL'),
  ...reasons(SHARED, 'STREAM_REPLICAS', 'BLOBS', 'S3_REGION', 'S3_ENDPOINT', 'APP_URL', 'MAIL_FROM'),
  ...reasons(KEYS, 'JWT_SECRET', 'SIGNING_KEYS', 'ADMIN_KEY', 'SECRETS_KEYS', 'S3_ACCESS_KEY_ID'),
  ...reasons(KEYS, 'S3_SECRET_ACCESS_KEY'),
  ...reasons(TRUST, 'JWKS_URL', 'JWKS_ISSUER', 'JWKS_AUDIENCE', 'JWKS_TENANTS', 'KEY_SETS', 'CORS_ORIGINS'),
  ...reasons(TRUST, 'OUTBOUND_EXEMPT_NETWORKS', 'LINK_PREVIEW_EXEMPT_NETWORKS', 'ENDPOINT_EXEMPT_NETWORKS'),
  ...reasons(TRUST, 'TRUSTED_PROXIES', 'COOKIE_ORIGINS'),
  ...reasons(TRUST, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'SENTRY_DSN', 'SENTRY_ENVIRONMENT'),
  ...reasons('what is to be traced in full is said by watches', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'),
  ...reasons('memory is shared out when a process starts', 'WINDOW_MIB'),
  ...reasons('who stops the process waits for as long as was agreed on', 'DRAIN_GRACE_MS'),
};

function reasons(reason: string, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}

export interface WrongSetting {
  readonly name: string;
  /** Why it is refused; it never shows the value. */
  readonly reason: string;
}

/** Reads those that are right, and says of each other one why it is not. */
export function readLive(texts: LiveTexts): { readonly changes: LiveChanges; readonly wrong: readonly WrongSetting[] } {
  const changes: Record<string, unknown> = {};
  const wrong: WrongSetting[] = [];
  const shapes: Readonly<Record<string, z.ZodType>> = LIVE;
  for (const [name, text] of Object.entries(texts)) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    const fixed = Object.hasOwn(FIXED_SETTINGS, name) ? FIXED_SETTINGS[name] : undefined;
    const parsed = shape?.safeParse(text === '' ? undefined : text);
    if (parsed?.success === true) changes[name] = parsed.data;
    else wrong.push({ name, reason: parsed?.error.issues[0]?.message ?? fixed ?? 'no such setting' });
  }
  return { changes, wrong };
}
