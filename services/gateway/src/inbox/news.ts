import type { Clock } from '@messagecore/kernel';
import { isRpcError, NEWS_TENANTS, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import type { InboxTenant } from './tenant.ts';

/** Messages are stored, and hints said, a little later than they are dated. */
const MARGIN_MS = 15_000;
/** Nobody is told of what was lost for longer than this. */
const LONGEST_MS = 3_600_000;

export interface NewsUpstream {
  news(item: RpcItem<'news'>): Promise<RpcResult<'news'> | RpcError>;
}

type Conversations = RpcResult<'news'>['conversations'];

/** Asks the record which conversations have new messages, in case the bus lost what it was to say. */
export class News {
  readonly #upstream: NewsUpstream;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #everyMs: number;
  readonly #soon = new Set<InboxTenant>();
  #dueAt: number;
  /** Since when the last comparison of all tenants asked. */
  #since: number;
  /** Since when something was found that could not be taken: the next comparison goes back as far. */
  #leftSince = Number.POSITIVE_INFINITY;

  constructor(upstream: NewsUpstream, clock: Pick<Clock, 'monotonic'>, everyMs: number) {
    this.#upstream = upstream;
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#since = clock.monotonic();
    this.#dueAt = this.#since + this.#everyMs;
  }

  /** In the next step; all tenants when none is named. */
  askSoon(tenant?: InboxTenant): void {
    if (tenant === undefined) this.#dueAt = this.#clock.monotonic();
    else this.#soon.add(tenant);
  }

  forget(tenant: InboxTenant): void {
    this.#soon.delete(tenant);
  }

  /** Something that was found could not be taken. */
  left(): void {
    this.#leftSince = Math.min(this.#leftSince, this.#since);
  }

  /** Pages of what is new in those of these tenants that are due. @throws Error when it is not answered; they stay due. */
  async *ask(all: Iterable<InboxTenant>): AsyncGenerator<Conversations> {
    const now = this.#clock.monotonic();
    const isDue = now >= this.#dueAt;
    const tenants = isDue ? [...all] : [...this.#soon];
    const since = Math.min(this.#leftSince, now, ...tenants.map(({ comparedAt }) => comparedAt));
    if (isDue) [this.#since, this.#leftSince] = [since, Number.POSITIVE_INFINITY];
    const withinMs = Math.ceil(Math.min(LONGEST_MS, now - since + MARGIN_MS));
    for (let from = 0; from < tenants.length; from += NEWS_TENANTS) {
      const some = tenants.slice(from, from + NEWS_TENANTS);
      yield* this.#pages(some, withinMs);
      for (const tenant of some) {
        this.#soon.delete(tenant);
        tenant.comparedAt = now;
      }
    }
    if (isDue) this.#dueAt = now + this.#everyMs;
  }

  async *#pages(tenants: readonly InboxTenant[], withinMs: number): AsyncGenerator<Conversations> {
    const tids = tenants.map(({ tid }) => tid);
    for (let after: string | undefined; ;) {
      const answer = await this.#upstream.news({ tids, withinMs, ...(after !== undefined && { after }) });
      if (isRpcError(answer)) throw new Error(`news: ${answer.error}: ${answer.msg}`);
      yield answer.conversations;
      after = answer.conversations.at(-1)?.[1];
      if (!answer.more || after === undefined) return;
    }
  }
}
