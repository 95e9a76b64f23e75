/** What may be asked for how often, on top of the buckets (MOD-1): by user, by room, by tenant, and REST by address. */
import type { Rate, RateLimits, RouteRate } from '@messagecore/protocol';
import type { Metrics } from '@messagecore/runtime';
import { LRUCache } from 'lru-cache';
import type { Bucket, Buckets, Demand, Taken } from './buckets.ts';
import { coalesce } from './coalesce.ts';

/** What somebody wants to do, and what it costs. */
export interface LimitDemand {
  readonly tid: string;
  /** Undefined for a tenant's back end, which has no limit of a user or room. */
  readonly uid: string | undefined;
  /** The room whose limit counts; left out when only the user's counts. */
  readonly cid?: string | undefined;
  /** What it costs, in sends, which may be 0; 1 when left out. */
  readonly cost?: number;
  /** Memberships that it makes or ends; none when left out. */
  readonly memberships?: number;
}

/** One request over HTTP. */
export interface RequestDemand {
  readonly network: string;
  /** The rate of the route's own, which counts beside that of all requests. */
  readonly route?: RouteRate;
}

/** An attempt at the secrets of an account, or a mail to its address, whether there is such an account or not. */
export interface AccountDemand {
  readonly tid: string;
  /** Names the account without showing its address. */
  readonly account: string;
  /** From where; only attempts are counted by it. */
  readonly network: string;
}

export interface Limits {
  /** What all of a tenant may send together from now on; undefined, as before the first call: as much as it likes. */
  setTenantRate(tid: string, rate: Rate | undefined): void;
  /** Takes what each demand costs, all of it or nothing; 0 or the milliseconds to wait. Never rejects. */
  take(demands: readonly LimitDemand[]): Promise<readonly number[]>;
  /**
   * Puts back the shared tokens (room, tenant) of refused demands, so that strangers cannot use up the participants'
   * limits. The user's own tokens stay spent. Never rejects.
   */
  giveBack(demands: readonly LimitDemand[]): Promise<void>;
  /** One token of a network for one request. Never rejects. */
  takeRequest(demand: RequestDemand): Promise<Taken>;
  /** One token of a user for one list or page; 0 or the milliseconds to wait. Never rejects. */
  takeRead(user: { readonly tid: string; readonly uid: string }): Promise<number>;
  /** One page that is fetched for a preview of a link that the user has sent; 0 or the milliseconds to wait. Never rejects. */
  takePreview(user: { readonly tid: string; readonly uid: string }): Promise<number>;
  /** One translation that the tenant's translator is asked for; 0 or the milliseconds to wait. Never rejects. */
  takeTranslation(user: { readonly tid: string; readonly uid: string }): Promise<number>;
  /** One attempt; 0 or the milliseconds to wait. Never rejects. */
  takeSignIn(demand: AccountDemand): Promise<number>;
  /** Puts an attempt back that succeeded. Never rejects. */
  giveSignInBack(demand: AccountDemand): Promise<void>;
  /** One mail to the address of an account; 0 or the milliseconds to wait. Never rejects. */
  takeMail(demand: Omit<AccountDemand, 'network'>): Promise<number>;
}

/** Of all addresses together an account takes so many times what it takes of one. */
const ALL_NETWORKS = 10;
/** Whose rates are remembered at most; one that is forgotten is told again with its next send. */
const TENANTS = 50_000;

export interface LimitsOptions {
  /** The same buckets, for what users do: who is far from a limit waits for no limiter. `buckets` itself when left out. */
  readonly synced?: Buckets;
  readonly metrics?: Pick<Metrics, 'cache'>;
}

export function createLimits(buckets: Buckets, rates: RateLimits, options: LimitsOptions = {}): Limits {
  const { synced = buckets, metrics } = options;
  const tenantRates = new LRUCache<string, Rate>({ max: TENANTS });
  metrics?.cache('tenant_rates', tenantRates);
  const waits = async (demands: readonly Demand[], of = buckets) =>
    (await of.take(demands)).map(({ waitMs }) => waitMs);

  const takeRequest = coalesce((demands: readonly RequestDemand[]) => buckets.take(demands.map(request)));

  const takeRead = coalesce((users: readonly { readonly tid: string; readonly uid: string }[]) =>
    waits(users.map(({ tid, uid }) => [{ key: `rate:{${tid}}:reads:${uid}`, rate: rates.readsPerUser }])),
  );

  function signIn({ tid, account, network }: AccountDemand): Demand {
    const { perSecond, burst } = rates.signInsPerAccount;
    const all = { perSecond: perSecond * ALL_NETWORKS, burst: burst * ALL_NETWORKS };
    return [
      { key: `rate:{${tid}}:sign-ins:${account}:${network}`, rate: rates.signInsPerAccount },
      { key: `rate:{${tid}}:sign-ins:${account}`, rate: all },
    ];
  }

  const takeOne = async (demand: Demand) => (await waits([demand]))[0] ?? 0;

  function request({ network, route }: RequestDemand): Demand {
    const all = { key: `rate:ip:{${network}}`, rate: rates.httpPerIp };
    return route === undefined ? [all] : [all, { key: `rate:ip:{${network}}:${route}`, rate: rates[route] }];
  }

  function own({ tid, uid, cost = 1, memberships = 0 }: LimitDemand): Bucket[] {
    if (uid === undefined) return [];
    const wanted: Bucket[] = cost > 0 ? [{ key: `rate:{${tid}}:user:${uid}`, rate: rates.sendsPerUser, cost }] : [];
    if (memberships > 0) {
      const key = `rate:{${tid}}:members:${uid}`;
      wanted.push({ key, rate: rates.membershipsPerUser, cost: memberships });
    }
    return wanted;
  }

  function shared({ tid, uid, cid, cost = 1, memberships = 0 }: LimitDemand): Bucket[] {
    const wanted: Bucket[] = [];
    const ofTenant = rates.sendsPerTenant ?? tenantRates.get(tid);
    if (ofTenant !== undefined && cost > 0) wanted.push({ key: `rate:{${tid}}:sends`, rate: ofTenant, cost });
    if (uid !== undefined && cid !== undefined) {
      wanted.push({ key: `rate:{${tid}}:room:${cid}`, rate: rates.sendsPerRoom, cost });
    }
    if (memberships > 0) {
      wanted.push({ key: `rate:{${tid}}:members`, rate: rates.membershipsPerTenant, cost: memberships });
    }
    return wanted;
  }

  return {
    setTenantRate: (tid, rate) => void tenantRates.set(tid, rate),
    take: (demands) =>
      waits(
        demands.map((demand) => [...own(demand), ...shared(demand)]),
        synced,
      ),
    giveBack: (demands) => synced.giveBack(demands.flatMap(shared)),
    takeRequest,
    takeRead,
    takePreview: ({ tid, uid }) =>
      takeOne([
        { key: `rate:{${tid}}:previews:${uid}`, rate: rates.previewsPerUser },
        { key: `rate:{${tid}}:previews`, rate: rates.previewsPerTenant },
      ]),
    takeTranslation: ({ tid, uid }) =>
      takeOne([
        { key: `rate:{${tid}}:translations:${uid}`, rate: rates.translationsPerUser },
        { key: `rate:{${tid}}:translations`, rate: rates.translationsPerTenant },
      ]),
    takeSignIn: (demand) => takeOne(signIn(demand)),
    giveSignInBack: (demand) => buckets.giveBack(signIn(demand)),
    takeMail: ({ tid, account }) => takeOne([{ key: `rate:{${tid}}:mails:${account}`, rate: rates.mailsPerAccount }]),
  };
}
