/**
 * Limits the requests of an address (LIM-4), and more narrowly those of some routes (LIM-15), before anything is spent
 * on them. The plugin reads the routes' configuration, counts in our buckets and answers with the headers (LIM-16).
 */
import { callbackify } from 'node:util';
import rateLimit, { type FastifyRateLimitStore, type FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import { ChatError, isRouteRate, type Rate, type RateLimits, type RouteRate } from '@messagecore/protocol';
import { networkOf } from '@messagecore/runtime';
import type { FastifyBaseLogger, FastifyContextConfig, FastifyRequest } from 'fastify';
import type { Limits } from '../rate-limits/limits.ts';
import type { App } from './app-type.ts';

/**
 * A route says `config: { rateLimit: { groupId } }` with the name of the rate that it shares with others, or
 * `rateLimit: false` when it is not counted: probes and scrapes must get through.
 */
export async function addRateLimit(app: App, limits: Pick<Limits, 'takeRequest'>, rates: RateLimits): Promise<void> {
  const rateOf = ({ routeOptions }: FastifyRequest): Rate => rates[routeRateOf(routeOptions.config) ?? 'httpPerIp'];
  // A wrong name shows when the route is added.
  app.addHook('onRoute', ({ config }) => void routeRateOf(config));
  await app.register(rateLimit, {
    global: false,
    enableDraftSpec: true,
    // A fault of the limiter refuses nobody.
    skipOnError: true,
    store: storeOf(limits, app.log),
    // The plugin appends the `groupId`.
    keyGenerator: ({ ip }) => `${networkOf(ip)} `,
    max: (request) => rateOf(request).burst,
    timeWindow: (request) => fillMs(rateOf(request)),
    errorResponseBuilder: (_request, { ttl }) =>
      new ChatError('rate_limited', 'too many requests', { retryAfterMs: ttl }),
  });
  const limit = app.rateLimit();
  // For all routes and for what is none; a hook of the routes would come after the authentication.
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.rateLimit !== false) await limit.call(app, request, reply);
  });
}

/** The rate of the route's own, if it has one. */
export function routeRateOf({ rateLimit: limit = {} }: FastifyContextConfig = {}): RouteRate | undefined {
  if (limit === false || limit.groupId === undefined) return undefined;
  if (isRouteRate(limit.groupId)) return limit.groupId;
  throw new Error(`no rate ${limit.groupId}`);
}

/** Milliseconds in which an empty bucket fills. */
function fillMs({ perSecond, burst }: Rate): number {
  return (burst / perSecond) * 1_000;
}

/** The plugin's view of our buckets: `max` is the burst, `timeWindow` the time in which all of it comes back. */
function storeOf({ takeRequest }: Pick<Limits, 'takeRequest'>, log: FastifyBaseLogger): FastifyRateLimitStoreCtor {
  const count = callbackify(async (key: string, timeWindow: number, max: number) => {
    try {
      const [network = '', route = ''] = key.split(' ');
      const { waitMs, left } = await takeRequest({ network, ...(isRouteRate(route) && { route }) });
      if (waitMs > 0) return { current: max + 1, ttl: waitMs };
      const current = Math.max(0, max - left);
      return { current, ttl: (current / max) * timeWindow };
    } catch (err) {
      log.error({ err }, 'a request was not counted');
      throw err;
    }
  });
  return class Store implements FastifyRateLimitStore {
    incr(key: string, done: Parameters<typeof count>[3], timeWindow: number, max: number): void {
      count(key, timeWindow, max, done);
    }

    child(): this {
      return this;
    }
  };
}
