import type { RpcError } from '@messagecore/protocol/bus';
import { type BatcherOptions, type SendRequest, Batcher, type Veto } from './batcher.ts';

/** Bytes that wait in one lane at most. */
const LANE_BYTES = 8 * 1024 * 1024;

/**
 * Commands in lanes by conversation, one request under way in each. So what one user calls for one conversation is carried
 * out in that order, whichever chat-service answers, and a slow conversation delays only those that share its lane, where
 * users take turns.
 */
export class Lanes<Item extends { readonly cid: string; readonly uid: string }, Result extends object> {
  readonly #lanes: readonly Batcher<Item, Result>[];

  constructor(ask: SendRequest, count: number, options: Pick<BatcherOptions, 'failTogether' | 'defer'>) {
    const lane = { request: ask, concurrency: 1, maxBytes: LANE_BYTES, ...options };
    this.#lanes = Array.from({ length: count }, () => new Batcher<Item, Result>(lane));
  }

  /** Bytes that wait in the fullest lane, and may in each. */
  get size(): number {
    return Math.max(...this.#lanes.map(({ size }) => size));
  }

  get max(): number {
    return LANE_BYTES;
  }

  call(item: Item, veto?: Veto): Promise<Result | RpcError> {
    const lane = this.#lanes[laneOf(item.cid, this.#lanes.length)];
    if (lane === undefined) throw new RangeError('no lane');
    return lane.call(item, item.uid, veto);
  }

  async flushed(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.flushed()));
  }
}

/** The end of a UUID is its most random part, in every version that is in use. */
export function laneOf(cid: string, lanes: number): number {
  return Number.parseInt(cid.slice(-7), 16) % lanes;
}
