import {
  CONNECTIONS_EVERY_MS,
  isRpcError,
  type RpcError,
  type RpcItem,
  type RpcResult,
} from '@messagecore/protocol/bus';

export interface TenantConnectionsOptions {
  /** Tells this gateway from all others. */
  readonly gateway: string;
  /** Tenants that have sessions here, and these. */
  readonly sessions: { readonly byTenant: ReadonlyMap<string, { readonly size: number }> };
  readonly report: (item: RpcItem<'connections'>) => Promise<RpcResult<'connections'> | RpcError>;
}

/** What is known of a tenant since the last report that was answered. */
interface Known {
  readonly elsewhere: number;
  readonly limit: number | null;
}

const NOTHING: Known = { elsewhere: 0, limit: null };

/**
 * Reports how many sessions each tenant has here, and knows from the answers how many it has elsewhere and may have (LIM-21).
 * Those here count at once, those elsewhere as of the last report. Of a tenant of which nothing is known yet all may open.
 */
export class TenantConnections {
  readonly #options: TenantConnectionsOptions;
  /** Of tenants that chat-services may have a report of that is not 0. */
  readonly #known = new Map<string, Known>();

  constructor(options: TenantConnectionsOptions) {
    this.#options = options;
  }

  /** Why one more session of the tenant is turned away; undefined when it may open. */
  refusalOf(tid: string): RpcError | undefined {
    const { limit, elsewhere } = this.#known.get(tid) ?? NOTHING;
    const here = this.#options.sessions.byTenant.get(tid)?.size ?? 0;
    if (limit === null || here + elsewhere < limit) return undefined;
    const msg = `the ${limit} connections that the plan has are all used`;
    return { error: 'rate_limited', msg, retryAfterMs: CONNECTIONS_EVERY_MS };
  }

  /**
   * Reports all tenants, and those that have gone since the last time. Rejects when one is not answered: what was known of
   * it stays, and what was answered of others counts.
   */
  async step(): Promise<void> {
    const { gateway, sessions, report } = this.#options;
    const { byTenant } = sessions;
    const present = [...byTenant].map(([tid, { size }]) => [tid, size] as const);
    const gone = [...this.#known.keys()].filter((tid) => !byTenant.has(tid)).map((tid) => [tid, 0] as const);
    let failure: RpcError | undefined;
    await Promise.all(
      [...present, ...gone].map(async ([tid, connections]) => {
        // A report may be taken though its answer is lost.
        if (!this.#known.has(tid)) this.#known.set(tid, NOTHING);
        const answer = await report({ gateway, tid, connections });
        if (isRpcError(answer)) failure = answer;
        else if (connections === 0) this.#known.delete(tid);
        else this.#known.set(tid, { elsewhere: answer.total - connections, limit: answer.limit });
      }),
    );
    if (failure !== undefined) throw new Error(`connections: ${failure.error}: ${failure.msg}`);
  }
}
