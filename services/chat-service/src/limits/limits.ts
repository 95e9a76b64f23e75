/** The limits of the house on top of the buckets (MOD-1): sends per user and per room, REST requests per address. */
import type { RateLimits } from '@messagecore/protocol';
import type { Buckets } from './buckets.ts';
import { coalesce } from './coalesce.ts';

/** What is said to a room; without `cid` it is the user's alone. */
export interface SendDemand {
  readonly tid: string;
  readonly uid: string;
  readonly cid?: string | undefined;
}

export interface Limits {
  /** One token of the sender and one of the room for each send; 0 or the milliseconds to wait. Never rejects. */
  take(sends: readonly SendDemand[]): Promise<readonly number[]>;
  /**
   * The room's token of each back, of sends that it had no part in: else strangers spend what is its participants'. The
   * sender's stays spent. Never rejects.
   */
  giveBack(sends: readonly SendDemand[]): Promise<void>;
  /** One token of an address for one request; 0 or the milliseconds to wait. Never rejects. */
  takeRequest(address: string): Promise<number>;
}

export function createLimits(buckets: Buckets, rates: RateLimits): Limits {
  const takeRequests = coalesce((addresses: readonly string[]) =>
    buckets.take(addresses.map((address) => [{ key: `rate:ip:${address}`, rate: rates.httpPerIp }])),
  );
  const ofUser = ({ tid, uid }: SendDemand) => ({ key: `rate:${tid}:user:${uid}`, rate: rates.sendsPerUser });
  const ofRoom = ({ tid, cid }: SendDemand) =>
    cid === undefined ? [] : [{ key: `rate:${tid}:room:${cid}`, rate: rates.sendsPerRoom }];
  return {
    take: (sends) => buckets.take(sends.map((send) => [ofUser(send), ...ofRoom(send)])),
    giveBack: (sends) => buckets.giveBack(sends.flatMap(ofRoom)),
    takeRequest: takeRequests,
  };
}
