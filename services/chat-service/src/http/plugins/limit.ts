/** So many requests a second from one address (LIM-4), before anything is spent on them. */
import { isIPv4 } from 'node:net';
import { ChatError } from '@messagecore/protocol';
import type { Limits } from '../../limits/limits.ts';
import type { App } from '../app-type.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Not counted: for probes and scrapes, which must get through. */
    unlimited?: boolean;
  }
}

export function addLimit(app: App, limits: Pick<Limits, 'takeRequest'>): void {
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.unlimited === true) return;
    const retryAfterMs = await limits.takeRequest(network(request.ip));
    if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many requests', { retryAfterMs });
  });
}

const MAPPED = '::ffff:';

/** An IPv6 caller owns a whole /64, so its first four groups count as one address. */
export function network(address: string | undefined): string {
  // Who has gone already has no address any more, whatever the types say.
  if (address === undefined) return '';
  if (isIPv4(address)) return address;
  const lower = address.toLowerCase();
  if (lower.startsWith(MAPPED) && isIPv4(lower.slice(MAPPED.length))) return lower.slice(MAPPED.length);
  const [head = '', tail] = (lower.split('%', 1)[0] ?? '').split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
