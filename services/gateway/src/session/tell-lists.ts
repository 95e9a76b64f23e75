import type { Clock } from '@messagecore/kernel';
import { ReadyFrame } from '../egress/ready-frame.ts';
import type { Sink } from '../egress/sink.ts';

/** How often `step` is to be called. */
export const TELL_LISTS_EVERY_MS = 250;
/** Sessions told in a step, of all tenants together. */
const TOLD_A_STEP = 250;
/** From the beginning of a round to that of the next one about the same list. */
const PAUSE_MS = 5_000;

interface Told {
  readonly sink: Pick<Sink, 'mustDeliver'>;
}

export interface TellListsOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly sessions: { ofTenant(tid: string): Iterable<Told> };
}

/** All sessions of a tenant are told of one list. */
interface Round {
  readonly key: string;
  readonly tid: string;
  frame: ReadyFrame;
  /** Those that are left: a session that ends meanwhile is not among them any more. Undefined when all are told. */
  left: Iterator<Told> | undefined;
  nextAt: number;
  /** The list has changed since the round began. */
  again: boolean;
}

/**
 * Tells the sessions of a tenant that a list of it has changed (EVT-3). Changes of one list within a pause are one, and a step tells so
 * many sessions, of each tenant in turn: whoever is told reads the list, so this bounds what a change costs the record too.
 */
export class TellLists {
  readonly #options: TellListsOptions;
  /** At most one a tenant and list; it goes when its pause is over and nothing has changed meanwhile. */
  readonly #rounds = new Map<string, Round>();
  /** Those that have sessions left to tell, the next one first. */
  #queue: Round[] = [];

  constructor(options: TellListsOptions) {
    this.#options = options;
  }

  /** `json` is the frame that says it: the last one counts. */
  changed(tid: string, list: string, json: Uint8Array): void {
    const key = `${tid} ${list}`;
    const frame = new ReadyFrame('event', '', json);
    const round = this.#rounds.get(key) ?? { key, tid, frame, left: undefined, nextAt: 0, again: true };
    this.#rounds.set(key, Object.assign(round, { frame, again: true }));
  }

  step(): void {
    this.#begin();
    for (let told = 0; told < TOLD_A_STEP; told += 1) {
      const round = this.#queue.shift();
      if (round === undefined) return;
      const next = round.left?.next();
      if (next === undefined || next.done === true) round.left = undefined;
      else {
        next.value.sink.mustDeliver(round.frame);
        this.#queue.push(round);
      }
    }
  }

  /** Rounds whose pause is over. */
  #begin(): void {
    const now = this.#options.clock.monotonic();
    for (const round of this.#rounds.values()) {
      if (round.left !== undefined || now < round.nextAt) continue;
      if (!round.again) this.#rounds.delete(round.key);
      else {
        round.again = false;
        round.nextAt = now + PAUSE_MS;
        round.left = this.#options.sessions.ofTenant(round.tid)[Symbol.iterator]();
        this.#queue.push(round);
      }
    }
  }
}
