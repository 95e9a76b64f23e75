/** Settings of the gateway, read from the environment once, at start. */
import { LIMITS, RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import { loadConfig, settings } from '@messagecore/runtime';
import { z } from 'zod';

const MEBIBYTE = 1024 * 1024;

/** Times that a session keeps. The protocol's own when left out; tests shorten them. */
export interface Timing {
  readonly authTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly deadPeerMs: number;
  readonly lagCloseMs: number;
  /** How often the token of each session is verified again (REVK-4). */
  readonly reverifyMs: number;
  /** How often each room is compared with the record. */
  readonly headCheckMs: number;
  /** How often the record is asked for news of conversations, in case the bus lost what was said of them. */
  readonly newsMs: number;
  /** How long a client may take to say what it wants. */
  readonly requestHeadMs: number;
}

/** What holds where the configuration says nothing. */
export const DEFAULTS = {
  windowBytes: 128 * MEBIBYTE,
  maxPending: LIMITS.pendingConnections,
  maxPendingPerIp: LIMITS.pendingPerAddress,
  maxSessionsPerUser: LIMITS.sessionsPerUser,
  trustedProxies: 0,
  cookieOrigins: [] as readonly string[],
  timing: {
    authTimeoutMs: LIMITS.authTimeoutMs,
    heartbeatMs: LIMITS.heartbeatMs,
    deadPeerMs: LIMITS.deadPeerMs,
    lagCloseMs: LIMITS.lagCloseMs,
    // So that one round may fail and the next one still keeps to the 60 s of REVK-4.
    reverifyMs: 25_000,
    // A loss is to be noticed within 10 s (SEQ-8), also when the question has to be asked twice.
    headCheckMs: 6_000,
    // What was lost is to be told within 60 s (INB-5).
    newsMs: 30_000,
    requestHeadMs: LIMITS.requestHeadMs,
  } satisfies Timing,
};

const Settings = z.object({
  PORT: settings.port(8081),
  HOST: z.string().default('0.0.0.0'),
  NATS_URL: settings.urls(['nats', 'tls']),
  LOG_LEVEL: settings.logLevel(),
  LIMITS: z.enum(['production', 'load']).default('production'),
  /** How long a stop may take, so that clients can leave by themselves. */
  DRAIN_GRACE_MS: settings.count(10_000),
  /** Memory for what is kept of all rooms, in mebibytes: recent messages in both encodings, and what waits to be sent. */
  WINDOW_MIB: settings.count(DEFAULTS.windowBytes / MEBIBYTE, 1),
  /** Connections that may wait for a token at once, together and from one address. */
  MAX_PENDING: settings.count(DEFAULTS.maxPending, 1),
  MAX_PENDING_PER_IP: settings.count(DEFAULTS.maxPendingPerIp, 1),
  /** Sessions of one user. */
  MAX_SESSIONS_PER_USER: settings.count(DEFAULTS.maxSessionsPerUser, 1),
  /** Proxies in front whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: settings.count(DEFAULTS.trustedProxies),
  /** Origins of pages on other hosts whose cookie counts, separated by commas. */
  COOKIE_ORIGINS: z.string().default(''),
});

export interface GatewayConfig {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly natsUrl: string;
  readonly logLevel: string;
  readonly limits: RateLimits;
  readonly drainGraceMs: number;
  readonly windowBytes?: number;
  readonly maxPending?: number;
  readonly maxPendingPerIp?: number;
  readonly maxSessionsPerUser?: number;
  readonly trustedProxies?: number;
  /** Beside the gateway's own host. */
  readonly cookieOrigins?: readonly string[];
  readonly timing?: Partial<Timing>;
}

/** @throws ConfigError that lists every wrong setting. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const given = loadConfig(Settings, env);
  return {
    port: given.PORT,
    host: given.HOST,
    natsUrl: given.NATS_URL,
    logLevel: given.LOG_LEVEL,
    limits: RATE_PROFILES[given.LIMITS],
    drainGraceMs: given.DRAIN_GRACE_MS,
    windowBytes: given.WINDOW_MIB * MEBIBYTE,
    maxPending: given.MAX_PENDING,
    maxPendingPerIp: given.MAX_PENDING_PER_IP,
    maxSessionsPerUser: given.MAX_SESSIONS_PER_USER,
    trustedProxies: given.TRUSTED_PROXIES,
    cookieOrigins: listOf(given.COOKIE_ORIGINS),
  };
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
