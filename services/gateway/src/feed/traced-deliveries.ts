/**
 * A span for each recorded message that reaches this gateway, from its arrival to its fan-out: one, however many members the
 * room has here.
 *
 * Bounded: beyond so many at once none are begun; a message that is not sent for long, because an earlier one is
 * missing, ends as late.
 */
import type { HeaderReader } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';
import { decodeBatch } from '@messagecore/protocol/bus';
import { childrenOf, type TraceSpan, type Tracing } from '@messagecore/runtime';
import type { Taken } from './room-log.ts';

const MOST = 1_024;
const LATE_MS = 10_000;

interface Delivery {
  readonly spans: readonly TraceSpan[];
  readonly cid: string;
  /** Its last message. */
  readonly last: number;
  readonly since: number;
}

export class TracedDeliveries {
  readonly #tracing: Tracing;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** The oldest first. */
  readonly #open = new Set<Delivery>();

  constructor(tracing: Tracing, clock: Pick<Clock, 'monotonic'>) {
    this.#tracing = tracing;
    this.#clock = clock;
  }

  /** To be called before the room takes it. What a room that stands at `seq` has already is handed to nobody. */
  received(payload: Uint8Array, header: HeaderReader, seq: number): void {
    const traceparent = header('traceparent');
    if (traceparent === undefined || this.#open.size >= MOST) return;
    const { type, tid, cid, first, last } = decodeBatch(payload).header;
    if (type !== 'messages' || last <= seq) return;
    const attributes = {
      'messagecore.tenant_id': tid,
      'messagecore.conversation_id': cid,
      'messagecore.first_seq': first,
      'messagecore.last_seq': last,
    };
    const spans = childrenOf(this.#tracing, traceparent, 'deliver', { kind: 'consumer', attributes });
    if (spans.length > 0) this.#open.add({ spans, cid, last, since: this.#clock.monotonic() });
  }

  /** This is being handed to so many members. */
  taken({ blocks: [block], seq }: Taken, members: number): void {
    if (this.#open.size === 0 || block === undefined) return;
    for (const delivery of this.#open) {
      if (delivery.cid === block.cid && delivery.last <= seq) this.#end(delivery, { attributes: { members } });
    }
  }

  /** To be called every second or so. */
  sweep(): void {
    const before = this.#clock.monotonic() - LATE_MS;
    for (const delivery of this.#open) {
      if (delivery.since > before) return;
      this.#end(delivery, { error: 'late' });
    }
  }

  #end(delivery: Delivery, outcome: Parameters<TraceSpan['end']>[0]): void {
    this.#open.delete(delivery);
    for (const span of delivery.spans) span.end(outcome);
  }
}
