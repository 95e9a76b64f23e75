import type { DownFrameOf, UpFrameOf } from '@messagecore/protocol';
import { type Operation, type SendOperation, stateOf } from '@messagecore/testkit';
import type { StartAt } from '../../../libs/sdk-js/src/conversation/cursor.ts';

interface Sent {
  readonly session: string;
  readonly from: string;
  readonly frame: UpFrameOf<'send'>;
  readonly invokedAt: number;
  transmissions: number;
  outcome: SendOperation['outcome'];
  endedAt: number;
  seq?: number;
}

/** Milliseconds since any moment that all recorders share. */
export interface Now {
  readonly now: number;
}

/** Records what clients send and receive, in the format of the history checker. */
export class Recorder {
  readonly #simulator: Now;
  readonly #operations: Operation[] = [];
  readonly #sent = new Map<string, Sent>();

  constructor(simulator: Now) {
    this.#simulator = simulator;
  }

  get operations(): readonly Operation[] {
    const sends = [...this.#sent.values()].map(({ session, from, frame, invokedAt, transmissions, ...rest }) => {
      const { cid, mid, body, threadRoot } = frame;
      const firstTry = transmissions === 1;
      const sent = { type: 'send', session, cid, mid, from, body: JSON.stringify(body), invokedAt, firstTry } as const;
      return { ...sent, ...(threadRoot !== undefined && { threadRoot }), ...rest } satisfies SendOperation;
    });
    return [...sends, ...this.#operations];
  }

  /** Sends without a final answer. */
  get unanswered(): number {
    return [...this.#sent.values()].filter(({ outcome }) => outcome === 'unknown').length;
  }

  sent(session: string, from: string, frame: UpFrameOf<'send'>): void {
    const known = this.#sent.get(frame.mid);
    if (known !== undefined) {
      known.transmissions += 1;
      return;
    }
    const invokedAt = this.#simulator.now;
    this.#sent.set(frame.mid, {
      session,
      from,
      frame,
      invokedAt,
      transmissions: 1,
      outcome: 'unknown',
      endedAt: Number.POSITIVE_INFINITY,
    });
  }

  acknowledged(mid: string, seq: number): void {
    const sent = this.#sent.get(mid);
    if (sent === undefined || sent.outcome === 'acknowledged') return;
    Object.assign(sent, { outcome: 'acknowledged', endedAt: this.#simulator.now, seq });
  }

  /** Final: it will not be sent again. */
  refused(mid: string): void {
    const sent = this.#sent.get(mid);
    if (sent?.outcome === 'unknown') Object.assign(sent, { outcome: 'refused', endedAt: this.#simulator.now });
  }

  joined(session: string, { since, rev }: StartAt, { cid, head, rev: headRev, epoch }: DownFrameOf<'joined'>): void {
    const from = { ...(since !== undefined && { since }), ...(rev !== undefined && { rev }) };
    this.#add({ type: 'joined', session, cid, ...from, head, headRev, epoch, at: this.#simulator.now });
  }

  message(session: string, frame: DownFrameOf<'message'>): void {
    const { cid, seq, mid, from, rev } = frame;
    this.#add({ type: 'message', session, cid, seq, mid, from, rev, ...contentOf(frame), at: this.#simulator.now });
  }

  update(session: string, frame: DownFrameOf<'update'>): void {
    const { cid, seq, rev } = frame;
    this.#add({ type: 'update', session, cid, seq, rev, ...contentOf(frame), at: this.#simulator.now });
  }

  gap(session: string, { cid, from, to }: DownFrameOf<'gap'>): void {
    this.#add({ type: 'gap', session, cid, from, to, at: this.#simulator.now });
  }

  ended(session: string, cid?: string): void {
    this.#add({ type: 'ended', session, ...(cid !== undefined && { cid }), at: this.#simulator.now });
  }

  #add(operation: Operation): void {
    this.#operations.push(operation);
  }
}

const contentOf = (frame: DownFrameOf<'message' | 'update'>) => ({
  body: JSON.stringify(frame.body),
  state: stateOf(frame),
});
