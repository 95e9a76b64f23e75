/** So many requests a second from one address (LIM-4), before anything is spent on them. */
import { ChatError } from '@messagecore/protocol';
import { networkOf } from '@messagecore/runtime';
import type { Limits } from '../limits/limits.ts';
import type { App } from './app-type.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Not counted: for probes and scrapes, which must get through. */
    unlimited?: boolean;
  }
}

export function addLimit(app: App, limits: Pick<Limits, 'takeRequest'>): void {
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.unlimited === true) return;
    const retryAfterMs = await limits.takeRequest(networkOf(request.ip));
    if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many requests', { retryAfterMs });
  });
}
