import { createBulkhead } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type RpcError, type RpcItem, type RpcResult, SLOW_OPERATIONS } from '@messagecore/protocol/bus';
import type { Bounded } from '@messagecore/runtime';
import { asRpcError, Batcher, type SendRequest } from './batcher.ts';
import { Lanes } from './lanes.ts';

/** Calls under way at once that are in no lane, each a request of its own, so that a slow one holds up no other. */
const AT_ONCE = 128;
/**
 * Calls under way at once that wait for servers of tenants, beside the others. None waits for its turn, and tenants whose servers do
 * not answer leave room for the next.
 */
const SLOW_AT_ONCE = 64;

export interface CallsOptions {
  readonly request: SendRequest;
  readonly lanes: number;
  /** Bytes that wait at most, of those that are in no lane. */
  readonly maxBytes: number;
}

type Item = RpcItem<'call'>;
type Result = RpcResult<'call'>;

/** Operations that sessions call: those about a conversation in its lane, others at once, as many as there are places. */
export class Calls {
  readonly #free: Batcher<Item, Result>;
  readonly #slow: Batcher<Item, Result>;
  readonly #laned: Lanes<Item & { readonly cid: string }, Result>;
  readonly #slowPlaces = createBulkhead({
    ...{ atOnce: SLOW_AT_ONCE, ofAll: SLOW_AT_ONCE, shareOfFree: 1 },
    refusal: () => new ChatError('unavailable', 'too much waits for servers of tenants'),
  });

  constructor({ request, lanes, maxBytes }: CallsOptions) {
    const alone = { request, maxBytes, failTogether: false, maxItems: 1 };
    this.#free = new Batcher({ ...alone, concurrency: AT_ONCE });
    this.#slow = new Batcher({ ...alone, concurrency: SLOW_AT_ONCE });
    this.#laned = new Lanes(request, lanes, { failTogether: true });
  }

  call(item: Item): Promise<Result | RpcError> {
    const { cid, tid, uid, op } = item;
    if (cid !== undefined) return this.#laned.call({ ...item, cid });
    if (!SLOW_OPERATIONS.has(op)) return this.#free.call(item, uid);
    return this.#slowPlaces(tid, () => this.#slow.call(item, uid)).catch(asRpcError);
  }

  /** What waits, in bytes. */
  get queues(): Readonly<Record<string, Bounded>> {
    return { call: this.#free, call_of_tenant_servers: this.#slow, call_of_conversation: this.#laned };
  }

  async flushed(): Promise<void> {
    await Promise.all([this.#free, this.#slow, this.#laned].map((queue) => queue.flushed()));
  }
}
