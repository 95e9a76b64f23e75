import { type Clock, systemClock } from '@messagecore/kernel';
import { type Logger, type Loop, type LoopTiming, startLoop } from '@messagecore/runtime';
import { LRUCache } from 'lru-cache';
import type { Committed } from '../outbox/committed.ts';
import type { Sql } from '../../platform/database/connect.ts';

/** `active_at` is at most so far behind the newest message. In large conversations it is a day, see the statement. */
const BEHIND_MS = 10 * 60_000;
const LARGE = 1_000;
/** Conversations whose turn it is, and those known to have had theirs. */
const MAX_WAITING = 50_000;
const MAX_KNOWN = 50_000;
const EVERY_MS = 1_000;
/** Of one statement. */
const CONVERSATIONS = 50;
const MEMBERSHIPS = 1_000;

export interface ActivityOptions {
  readonly sql: Sql;
  readonly log: Logger;
  readonly timing?: LoopTiming;
}

/**
 * Keeps `participants.active_at`, by which conversations are listed, a few minutes behind the newest message. Sends do not
 * wait for it and write nothing for it: a conversation that is always active has its memberships written once in ten
 * minutes, a large one once a day. What a crash or the bounds here forget is made good by the next message, and after
 * a start by a look at the latest ones; until then the conversation is listed further down.
 */
export class Activity {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #loop: Loop;
  readonly #waiting = new Set<string>();
  /** When each had its turn; the longest ago is forgotten first. */
  readonly #known = new LRUCache<string, number>({ max: MAX_KNOWN });

  constructor({ sql, log, timing = {} }: ActivityOptions) {
    this.#sql = sql;
    this.#clock = timing.clock ?? systemClock;
    let looked = false;
    const step = async (signal: AbortSignal) => {
      if (!looked) await this.#look();
      looked = true;
      await this.#raiseAll(signal);
    };
    this.#loop = startLoop({ name: 'activity', everyMs: EVERY_MS, log, step, ...timing });
  }

  /** Takes what was committed. Cheap, and never throws. */
  note({ ranges }: Committed): void {
    for (const { cid, topic } of ranges) if (topic === 'msg') this.#wait(cid);
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  #wait(cid: string): void {
    const now = this.#clock.monotonic();
    if (now - (this.#known.peek(cid) ?? -Infinity) < BEHIND_MS || this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(cid);
  }

  /** What a process that ended may have left undone. */
  async #look(): Promise<void> {
    const rows = await this.#sql<{ cid: string }[]>`
      select distinct conversation_id as cid from (
        select conversation_id from messages where created_at > now() - interval '2 minutes' limit 100000
      ) latest`;
    for (const { cid } of rows) this.#wait(cid);
  }

  async #raiseAll(signal: AbortSignal): Promise<void> {
    while (this.#waiting.size > 0 && !signal.aborted) {
      const cids = [...this.#waiting].slice(0, CONVERSATIONS);
      let raised = MEMBERSHIPS;
      while (raised === MEMBERSHIPS && !signal.aborted) raised = await raise(this.#sql, cids);
      for (const cid of cids) this.#hadItsTurn(cid);
    }
  }

  #hadItsTurn(cid: string): void {
    this.#waiting.delete(cid);
    this.#known.set(cid, this.#clock.monotonic());
  }
}

/**
 * Raises memberships that are too far behind, so many at a time, and tells how many. It waits for no lock, so it is in no
 * circle of those who do; a membership that somebody else is just writing has its turn another time.
 */
async function raise(sql: Sql, cids: readonly string[]): Promise<number> {
  const { count } = await sql`
    with active as materialized (
      select c.conversation_id, m.created_at as at,
        case when exists (
          select from participants p where p.conversation_id = c.conversation_id offset ${LARGE}
        ) then interval '1 day' else ${BEHIND_MS} * interval '1 millisecond' end as behind
      from unnest(${[...cids]}::uuid[]) as asked(cid)
      join conversations c on c.conversation_id = asked.cid
      join messages m on m.conversation_id = c.conversation_id and m.seq = c.last_seq
    ), due as (
      select p.conversation_id, p.user_id, active.at
      from active join participants p on p.conversation_id = active.conversation_id
      where p.active_at < active.at - active.behind
      limit ${MEMBERSHIPS}
      for no key update of p skip locked
    )
    update participants p set active_at = due.at
    from due where p.conversation_id = due.conversation_id and p.user_id = due.user_id`;
  return count;
}
