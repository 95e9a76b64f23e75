/** Raw SQL: `skip locked`, many conversations in one statement. */
import { type Clock, systemClock } from '@messagecore/kernel';
import { type Logger, type Loop, type LoopTiming, startLoop } from '@messagecore/runtime';
import { LRUCache } from 'lru-cache';
import type { Committed } from '../outbox/committed.ts';
import type { Sql } from '../../platform/database/connect.ts';

/** `active_at` is at most so far behind the newest message. In large conversations it is a day, see the statement. */
const BEHIND_MS = 10 * 60_000;
const LARGE = 1_000;
/** Bounds of the two collections below. */
const MAX_DUE = 50_000;
const MAX_RAISED = 50_000;
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
 * Keeps `participants.active_at`, by which conversations are listed, a few minutes behind the newest message. Sends do
 * not wait for it and write nothing for it: a conversation that is always active has its memberships written once in
 * ten minutes, a large one once a day. Updates that are lost by a crash or at the bounds here are made up for by the
 * conversation's next message, and at start by reading the latest messages; until then the conversation is listed
 * further down.
 */
export class Activity {
  readonly #sql: Sql;
  readonly #clock: Clock;
  readonly #loop: Loop;
  readonly #due = new Set<string>();
  /** When each conversation was last raised; the longest ago is forgotten first. */
  readonly #raisedAt = new LRUCache<string, number>({ max: MAX_RAISED });

  constructor({ sql, log, timing = {} }: ActivityOptions) {
    this.#sql = sql;
    this.#clock = timing.clock ?? systemClock;
    let searched = false;
    const step = async (signal: AbortSignal) => {
      if (!searched) await this.#findRecent();
      searched = true;
      await this.#raiseAll(signal);
    };
    this.#loop = startLoop({ name: 'activity', everyMs: EVERY_MS, log, step, ...timing });
  }

  /** Notes committed messages. Cheap, and never throws. */
  note({ ranges }: Committed): void {
    for (const { cid, topic } of ranges) if (topic === 'msg') this.#enqueue(cid);
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  #enqueue(cid: string): void {
    const now = this.#clock.monotonic();
    if (now - (this.#raisedAt.peek(cid) ?? -Infinity) < BEHIND_MS || this.#due.size >= MAX_DUE) return;
    this.#due.add(cid);
  }

  /** Conversations that a former process may not have raised. */
  async #findRecent(): Promise<void> {
    const rows = await this.#sql<{ cid: string }[]>`
      select distinct conversation_id as cid from (
        select conversation_id from messages where created_at > now() - interval '2 minutes' limit 100000
      ) latest`;
    for (const { cid } of rows) this.#enqueue(cid);
  }

  async #raiseAll(signal: AbortSignal): Promise<void> {
    while (this.#due.size > 0 && !signal.aborted) {
      const cids = [...this.#due].slice(0, CONVERSATIONS);
      let raised = MEMBERSHIPS;
      while (raised === MEMBERSHIPS && !signal.aborted) raised = await raiseMemberships(this.#sql, cids);
      for (const cid of cids) this.#markRaised(cid);
    }
  }

  #markRaised(cid: string): void {
    this.#due.delete(cid);
    this.#raisedAt.set(cid, this.#clock.monotonic());
  }
}

/**
 * Raises memberships that are too far behind, a bounded number at a time, and returns how many. It waits for no lock,
 * so it cannot be part of a deadlock; rows that are locked now are raised later.
 */
async function raiseMemberships(sql: Sql, cids: readonly string[]): Promise<number> {
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
