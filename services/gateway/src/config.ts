/** Settings of the gateway, read from the environment once, at start. */
import { LIMITS, RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import { CONNECTIONS_EVERY_MS } from '@messagecore/protocol/bus';
import {
  type ErrorReports,
  loadConfig,
  type LogDestination,
  logSettings,
  rateSettings,
  sessionSettings,
  type SentryConfig,
  sentryConfig,
  sentrySettings,
  settings,
  telemetrySettings,
  type TracingConfig,
  tracingConfig,
} from '@messagecore/runtime';
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
  /** How often the sessions of each tenant are reported. */
  readonly connectionsMs: number;
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
  logSuccessRatio: 0,
  timing: {
    authTimeoutMs: LIMITS.authTimeoutMs,
    heartbeatMs: LIMITS.heartbeatMs,
    deadPeerMs: LIMITS.deadPeerMs,
    lagCloseMs: LIMITS.lagCloseMs,
    // So that one round may fail and the next one still keeps to the 60 s of REVK-4.
    reverifyMs: 25_000,
    // A loss is to be noticed within 10 s (SEQ-8), also when the question has to be asked twice.
    headCheckMs: 6_000,
    connectionsMs: CONNECTIONS_EVERY_MS,
    // What was lost is to be told within 60 s (INB-5).
    newsMs: 30_000,
    requestHeadMs: LIMITS.requestHeadMs,
  } satisfies Timing,
};

/** What the environment may say; docs/configuration.md is made of it. */
export const Settings = z.object({
  PORT: settings.port(8081).describe('port to listen on'),
  HOST: z.string().default('0.0.0.0').describe('address to listen on'),
  NATS_URL: settings
    .urls(['nats', 'tls'])
    .describe('NATS with JetStream, the same as that of the chat-services; several, separated by commas'),
  ...rateSettings,
  DRAIN_GRACE_MS: settings.count(10_000).describe('how long a stop may take, so that clients leave by themselves'),
  WINDOW_MIB: settings
    .count(DEFAULTS.windowBytes / MEBIBYTE, 1)
    .describe(
      'memory for what is kept of all conversations: recent messages in both encodings, and what waits to be sent',
    ),
  ...sessionSettings,
  TRUSTED_PROXIES: settings
    .count(DEFAULTS.trustedProxies)
    .describe(
      'proxies in front whose `X-Forwarded-For` is believed; without it all clients behind one share its address',
    ),
  COOKIE_ORIGINS: z
    .string()
    .default('')
    .describe('origins of pages on other hosts whose cookie `mc_token` counts, separated by commas'),
  ...logSettings,
  ...telemetrySettings,
  ...sentrySettings,
});

export interface GatewayConfig {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly natsUrl: string;
  readonly logLevel: string;
  /** Part of the successes that is logged; none when left out. */
  readonly logSuccessRatio?: number;
  /** Where the log goes; standard error when left out. */
  readonly logTo?: LogDestination | undefined;
  readonly limits: RateLimits;
  /** In place of single ones of `limits`; none when left out. */
  readonly rates?: Partial<RateLimits> | undefined;
  readonly drainGraceMs: number;
  readonly windowBytes?: number;
  readonly maxPending?: number;
  readonly maxPendingPerIp?: number;
  readonly maxSessionsPerUser?: number;
  readonly trustedProxies?: number;
  /** Beside the gateway's own host. */
  readonly cookieOrigins?: readonly string[];
  readonly timing?: Partial<Timing>;
  /** No traces when left out. */
  readonly tracing?: TracingConfig | undefined;
  /** Where errors are reported; nowhere when left out. The program makes `reports` of it. */
  readonly sentry?: SentryConfig | undefined;
  readonly reports?: ErrorReports | undefined;
}

/** @throws ConfigError that lists every wrong setting. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const given = loadConfig(Settings, env);
  return {
    port: given.PORT,
    host: given.HOST,
    natsUrl: given.NATS_URL,
    logLevel: given.LOG_LEVEL,
    logSuccessRatio: given.LOG_SUCCESS_RATIO,
    limits: RATE_PROFILES[given.LIMITS],
    ...(given.RATES !== undefined && { rates: given.RATES }),
    drainGraceMs: given.DRAIN_GRACE_MS,
    windowBytes: given.WINDOW_MIB * MEBIBYTE,
    maxPending: given.MAX_PENDING,
    maxPendingPerIp: given.MAX_PENDING_PER_IP,
    maxSessionsPerUser: given.MAX_SESSIONS_PER_USER,
    trustedProxies: given.TRUSTED_PROXIES,
    cookieOrigins: listOf(given.COOKIE_ORIGINS),
    tracing: tracingConfig(given),
    sentry: sentryConfig(given),
  };
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
