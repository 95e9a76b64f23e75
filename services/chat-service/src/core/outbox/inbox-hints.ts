/** Tells gateways which conversations have new messages, so that they ask what is new in them. */
import { systemClock } from '@messagecore/kernel';
import { type Logger, type Loop, type LoopTiming, sleep, startLoop } from '@messagecore/runtime';
import type { Committed } from './committed.ts';
import type { Signals } from './signals.ts';

/** From one hint about a tenant to the next. What comes first after a pause is said at once. */
const EVERY_MS = 500;
/** Conversations that wait to be said. */
const MOST = 50_000;
/** Conversations in one hint. */
const PIECE = 2_000;

export interface InboxHintsOptions {
  readonly signals: Pick<Signals, 'inbox'>;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  /** So many conversations were left out at the bound. */
  readonly onDropped?: () => void;
}

/**
 * What a send costs for it is an entry in a map: however many messages a conversation gets meanwhile, it is said once. Hints
 * may be lost, by a crash, on the bus or at the bound here: gateways compare themselves with the record now and then.
 */
export class InboxHints {
  readonly #options: InboxHintsOptions;
  readonly #loop: Loop;
  /** Heads by conversation, by tenant. */
  readonly #waiting = new Map<string, Map<string, number>>();
  #size = 0;

  constructor(options: InboxHintsOptions) {
    this.#options = options;
    const { log, timing = {} } = options;
    const { clock = systemClock } = timing;
    this.#loop = startLoop({
      ...timing,
      name: 'inbox hints',
      everyMs: Infinity,
      log,
      step: async (signal) => {
        if (this.#size === 0) return;
        this.#sayAll();
        await sleep(EVERY_MS, clock, signal);
        if (this.#size > 0) this.#loop.poke();
      },
    });
  }

  /** Notes committed messages. Cheap, and never throws. */
  note({ ranges }: Committed): void {
    const wasEmpty = this.#size === 0;
    for (const { tid, cid, topic, last } of ranges) if (topic === 'msg') this.#add(tid, cid, last);
    if (wasEmpty && this.#size > 0) this.#loop.poke();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#sayAll();
  }

  #add(tid: string, cid: string, head: number): void {
    let heads = this.#waiting.get(tid);
    const known = heads?.get(cid);
    if (known === undefined && this.#size >= MOST) return this.#options.onDropped?.();
    if (known === undefined) this.#size += 1;
    if (heads === undefined) this.#waiting.set(tid, (heads = new Map()));
    heads.set(cid, Math.max(head, known ?? 0));
  }

  #sayAll(): void {
    for (const [tid, heads] of this.#waiting) {
      const conversations = [...heads];
      for (let from = 0; from < conversations.length; from += PIECE)
        this.#options.signals.inbox(tid, conversations.slice(from, from + PIECE));
    }
    this.#waiting.clear();
    this.#size = 0;
  }
}
