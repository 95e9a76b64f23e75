import type { IncomingMessage } from 'node:http';
import { type Clock, TokenBucket } from '@messagecore/kernel';
import { ChatError, type Rate } from '@messagecore/protocol';
import { addressIn, networkOf } from '@messagecore/runtime';
import { LRUCache } from 'lru-cache';

/** Advice to clients that cannot be served now. */
const RETRY_AFTER_MS = 2_000;
/** Addresses remembered at most. One that is forgotten has its whole burst again, so nobody is refused by mistake. */
const REMEMBERED = 100_000;

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Connections of one address. */
  readonly rate: Rate;
  /** Proxies in front, whose word about the client's address is believed. */
  readonly trustedProxies: number;
  /** False while no connection is taken. */
  readonly isOpen: () => boolean;
}

/** Who may come in, decided before anything is spent on them: so many connections a second from one address (LIM-4). */
export class Admission {
  readonly #options: AdmissionOptions;
  /** The longest away is forgotten first. */
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: REMEMBERED });

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Where the request comes from. An IPv6 network counts as one address. */
  addressOf(request: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    return networkOf(this.#peerOf(request));
  }

  /** The same as it is, for the audit log; empty when there is none. */
  exactAddressOf(request: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    return addressIn(this.#peerOf(request));
  }

  #peerOf({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string | undefined {
    const { trustedProxies } = this.#options;
    if (trustedProxies === 0) return socket.remoteAddress;
    const named = String(headers['x-forwarded-for'] ?? '').split(',');
    const hops = [...named.map((hop) => hop.trim()).filter((hop) => hop !== ''), socket.remoteAddress ?? ''];
    return hops.at(-1 - trustedProxies) ?? hops[0];
  }

  /** Why the request is turned away; undefined when it may go on. */
  refusalOf(request: Pick<IncomingMessage, 'socket' | 'headers'>): ChatError | undefined {
    if (!this.#options.isOpen()) return noRoom();
    const retryAfterMs = this.#bucketOf(this.addressOf(request)).take();
    return retryAfterMs === 0 ? undefined : new ChatError('rate_limited', 'too many connections', { retryAfterMs });
  }

  #bucketOf(address: string): TokenBucket {
    const { rate, clock } = this.#options;
    const known = this.#buckets.get(address);
    if (known !== undefined) return known;
    const bucket = TokenBucket.following(rate, clock);
    this.#buckets.set(address, bucket);
    return bucket;
  }
}

/** There is no room just now. */
export function noRoom(): ChatError {
  return new ChatError('unavailable', undefined, { retryAfterMs: RETRY_AFTER_MS });
}
