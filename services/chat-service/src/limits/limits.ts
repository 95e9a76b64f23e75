/** The limits of the house on top of the buckets (MOD-1): sends per user and per room, REST requests per address. */
import type { RateLimits } from '@messagecore/protocol';
import type { Buckets } from './buckets.ts';
import { coalesce } from './coalesce.ts';

export interface SendDemand {
  readonly tid: string;
  readonly uid: string;
  readonly cid: string;
}

export interface Limits {
  /** One token of the sender and one of the room for each send; 0 or the milliseconds to wait. Never rejects. */
  take(sends: readonly SendDemand[]): Promise<readonly number[]>;
  /** One token of an address for one request; 0 or the milliseconds to wait. Never rejects. */
  takeRequest(address: string): Promise<number>;
}

export function createLimits(buckets: Buckets, rates: RateLimits): Limits {
  const takeRequests = coalesce((addresses: readonly string[]) =>
    buckets.take(addresses.map((address) => [{ key: `rate:ip:${address}`, rate: rates.httpPerIp }])),
  );
  return {
    take: (sends) =>
      buckets.take(
        sends.map(({ tid, uid, cid }) => [
          { key: `rate:${tid}:user:${uid}`, rate: rates.sendsPerUser },
          { key: `rate:${tid}:room:${cid}`, rate: rates.sendsPerRoom },
        ]),
      ),
    takeRequest: takeRequests,
  };
}
