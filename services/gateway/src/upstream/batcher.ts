import { ChatError, DEFAULT_RETRY_AFTER_MS } from '@messagecore/protocol';
import { BATCH_BYTES, RPC_BATCH, type RpcError } from '@messagecore/protocol/bus';
import { FairQueue } from './fair-queue.ts';

/** Sends one request and gives the answer's bytes; rejects with a ChatError. */
export type SendRequest = (payload: string) => Promise<Uint8Array>;

export interface BatcherOptions {
  readonly request: SendRequest;
  /** Requests under way at once. With one, items are carried out in the order in which they were called. */
  readonly concurrency: number;
  /** When a request fails, what its owners have waiting fails too, so that nobody overtakes their own next try. */
  readonly failTogether: boolean;
  /** Bytes of items that wait at most, of one owner a part of what is free; more are refused as `unavailable`. */
  readonly maxBytes: number;
  /** Items in one request at most; `RPC_BATCH` when left out. */
  readonly maxItems?: number;
  /** Runs a function soon, after whatever else is arriving just now; at the end of the microtasks when left out. */
  readonly defer?: (fn: () => void) => void;
}

/**
 * What the items of one owner may take of the bytes that are free: alone a half of all, so that a session may have all the
 * sends waiting that SEND-8 allows it, of a few kilobytes each.
 */
const OWNER_SHARE = 1;

/** Called when a call's turn has come: returns an error to refuse it, or undefined to send it. */
export type Veto = () => RpcError | undefined;

interface Call<R> {
  readonly owner: string;
  readonly json: string;
  readonly bytes: number;
  readonly veto: Veto | undefined;
  readonly settle: (answer: R | RpcError) => void;
}

/**
 * Joins what many sessions ask into one request: whatever is called while the last request is under way makes the next
 * one. A lone call goes out at the end of the turn, without a timer. Every call settles with its result or with an
 * error as a value; nothing rejects.
 *
 * Calls of one owner go in the order called, and owners take turns: an owner with few calls waits for one request,
 * however many calls others have.
 */
export class Batcher<Item, Result extends object> {
  readonly #options: BatcherOptions;
  readonly #queue: FairQueue<Call<Result>>;
  #underWay = 0;
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#queue = new FairQueue({
      maxBytes: options.maxBytes,
      share: OWNER_SHARE,
      ownerOf: ({ owner }) => owner,
      sizeOf: ({ bytes }) => bytes,
    });
  }

  /** Bytes that wait, and may. */
  get size(): number {
    return this.#queue.bytes;
  }

  get max(): number {
    return this.#options.maxBytes;
  }

  /** `owner` is for whom it is asked; what one session asks must have one owner. */
  call(item: Item, owner = '', veto?: Veto): Promise<Result | RpcError> {
    return new Promise((settle) => {
      const json = JSON.stringify(item);
      const call = { owner, json, bytes: Buffer.byteLength(json), veto, settle };
      if (this.#queue.push(call)) this.#schedule();
      else settle(refusal('too much is waiting'));
    });
  }

  /** Settles when nothing waits or is under way. */
  async flushed(): Promise<void> {
    if (this.#underWay === 0 && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Soon, so that all calls until then share a request, and whoever was answered just now has taken note of it. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay >= this.#options.concurrency || this.#queue.length === 0) return;
    this.#scheduled = true;
    (this.#options.defer ?? queueMicrotask)(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#underWay < this.#options.concurrency && this.#queue.length > 0) {
      const calls = this.#next();
      if (calls.length === 0) continue;
      this.#underWay += 1;
      void this.#send(calls);
    }
    this.#settleIdle();
  }

  #settleIdle(): void {
    if (this.#underWay > 0 || this.#queue.length > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #send(calls: readonly Call<Result>[]): Promise<void> {
    try {
      const payload = `{"items":[${calls.map(({ json }) => json).join(',')}]}`;
      const answer = await this.#options.request(payload);
      const { items } = JSON.parse(decoder.decode(answer)) as { items: (Result | RpcError)[] };
      if (!items.every(isAnswer)) throw new Error('an answer that is none');
      if (items.length !== calls.length) throw new Error(`${items.length} answers to ${calls.length} questions`);
      for (const [index, { settle }] of calls.entries()) settle(items[index] as Result | RpcError);
    } catch (error) {
      const refused = asRpcError(error);
      for (const { settle } of calls) settle(refused);
      if (this.#options.failTogether) this.#failBehind(calls, refused);
    }
    this.#underWay -= 1;
    this.#schedule();
    this.#settleIdle();
  }

  #failBehind(calls: readonly Call<Result>[], refused: RpcError): void {
    for (const owner of new Set(calls.map((call) => call.owner))) {
      for (const { settle } of this.#queue.drop(owner)) settle(refused);
    }
  }

  #next(): Call<Result>[] {
    const calls: Call<Result>[] = [];
    let bytes = 0;
    const { maxItems = RPC_BATCH } = this.#options;
    while (calls.length < maxItems) {
      const next = this.#queue.peek();
      if (next === undefined || (calls.length > 0 && bytes + next.bytes > BATCH_BYTES)) break;
      this.#queue.shift();
      const refused = next.veto?.();
      if (refused !== undefined) {
        next.settle(refused);
        continue;
      }
      bytes += next.bytes;
      calls.push(next);
    }
    return calls;
  }
}

function isAnswer(item: unknown): boolean {
  return typeof item === 'object' && item !== null;
}

function refusal(msg: string): RpcError {
  return { error: 'unavailable', msg, retryAfterMs: DEFAULT_RETRY_AFTER_MS };
}

/** Whatever went wrong between the services is `unavailable` to a client: it may try again with the same `mid`. */
export function asRpcError(error: unknown): RpcError {
  if (!(error instanceof ChatError)) return refusal('the service gave no proper answer');
  const { code, message, retryAfterMs } = error;
  return { error: code, msg: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

const decoder = new TextDecoder();
