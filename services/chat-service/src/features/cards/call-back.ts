/**
 * Tells the tenant's own server of an action, where the tenant has an endpoint for cards, and takes its answer as the owner's
 * (CARD-7). It leaves at once, from the process that took the action, when that is committed; no transaction waits for it.
 *
 * A process that calls holds the action for a moment, again and again until the call has ended. When it dies that ends, and the
 * job that was enqueued with the action calls instead, as long as there is time: the server may get the action twice then,
 * with the same `actionId`. A call that has ended without an answer is not repeated. A process that is stopped ends its calls first.
 *
 * Raw SQL: the state and the database's clock decide who calls, in the statement that changes it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ERRORS, LIMITS, STATUS } from '@messagecore/protocol';
import { AnswerCard, type CardAction } from '@messagecore/protocol/features';
import type { Logger, LoopOptions } from '@messagecore/runtime';
import { z } from 'zod';
import type { PostSigned } from '../../core/endpoints/endpoints.ts';
import type { Actor } from '../../core/identity/caller.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { asChatError } from '../../platform/database/failures.ts';
import type { OutboundAnswer } from '../../platform/outbound/outbound.ts';
import { actionColumns, actionOf, type ActionRow, isOpen } from './action-rows.ts';
import { answerCard } from './answer.ts';
import type { CardDeps } from './deps.ts';

/** An action is held for so long at a time, and anew so often while a call is under way. */
export const HELD_MS = 1_500;
const HOLD_EVERY_MS = 500;
const ANSWER_BYTES = 2 * LIMITS.bodyBytes;
/** An answer that could not be stored is stored again after this time. */
const AGAIN_MS = 200;

/** What a server answers: as `cards.answer`, with `ok` unless it says otherwise. */
const ServerAnswer = AnswerCard.extend({ ok: z.boolean().default(true) });

interface Named {
  readonly tid: string;
  readonly cid: string;
  readonly actionId: string;
}

export interface CallBackDeps extends CardDeps {
  readonly postSigned: PostSigned;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly clock?: Clock;
}

export interface CallBacks {
  /** Calls in its own time, and never rejects: what fails is logged, or left to the job. */
  readonly begin: (action: Named) => void;
  /** Ends with the call. False when it is somebody else's, or is over. Throws where the database does not answer. */
  readonly call: (action: Named) => Promise<boolean>;
  /** Holds what is under way. */
  readonly holding: LoopOptions;
  /** Settles when the calls that were begun have ended, which takes as long as an answer may. */
  readonly settle: () => Promise<void>;
}

export function createCallBacks(deps: CallBackDeps): CallBacks {
  const { sql, log } = deps;
  const underWay = new Map<string, Named>();
  const begun = new Set<Promise<void>>();

  async function call(named: Named): Promise<boolean> {
    const taken = await take(sql, named);
    if (taken === undefined) return false;
    underWay.set(named.actionId, named);
    try {
      await ask(deps, named.tid, taken);
    } catch (err) {
      const { tid, actionId } = named;
      log.info({ err, tid, actionId }, 'the endpoint for cards has not answered an action');
    } finally {
      underWay.delete(named.actionId);
    }
    await end(sql, named);
    return true;
  }

  return {
    call,
    begin(named) {
      const calling = call(named)
        .then(() => {})
        .catch((err: unknown) => log.warn({ err, ...named }, 'a call about a card was not begun or ended'))
        .finally(() => begun.delete(calling));
      begun.add(calling);
    },
    async settle() {
      await Promise.all(begun);
    },
    holding: { name: 'calls about cards', everyMs: HOLD_EVERY_MS, step: () => hold(sql, [...underWay.values()]) },
  };
}

/** Of `card_actions a`. */
const isIt = (sql: Sql, { tid, cid, actionId }: Named) =>
  sql`a.conversation_id = ${cid} and a.action_id = ${actionId} and a.tenant_id = ${tid}`;

const soon = (sql: Sql) => sql`clock_timestamp() + ${HELD_MS} * interval '1 millisecond'`;

interface Taken {
  readonly owner: string;
  readonly leftMs: number;
  readonly action: CardAction;
}

/** Undefined where nobody waits for an answer any more, a process is calling, or a call has ended. */
async function take(sql: Sql, named: Named): Promise<Taken | undefined> {
  const [row] = await sql<(ActionRow & { owner: string; leftMs: number })[]>`
    update card_actions a set call_until = ${soon(sql)}
    where ${isIt(sql, named)} and ${isOpen(sql)} and coalesce(a.call_until < clock_timestamp(), true)
    returning ${actionColumns(sql)}, a.owner_id as owner, ceil(extract(epoch from
      a.created_at + ${LIMITS.cardAnswerMs} * interval '1 millisecond' - clock_timestamp()) * 1000)::int as "leftMs"`;
  if (row === undefined) return undefined;
  const { owner, leftMs, ...action } = row;
  return { owner, leftMs, action: actionOf(action) };
}

async function hold(sql: Sql, calls: readonly Named[]): Promise<void> {
  if (calls.length === 0) return;
  await sql`
    update card_actions a set call_until = ${soon(sql)}
    from unnest(${calls.map(({ cid }) => cid)}::uuid[], ${calls.map(({ actionId }) => actionId)}::uuid[]) as held (cid, id)
    where a.conversation_id = held.cid and a.action_id = held.id and a.state = 'waiting' and a.call_until <> 'infinity'`;
}

async function end(sql: Sql, named: Named): Promise<void> {
  await sql`update card_actions a set call_until = 'infinity' where ${isIt(sql, named)} and a.state = 'waiting'`;
}

/** Throws what the endpoint failed with, and what its answer is refused with. */
async function ask(deps: CallBackDeps, tid: string, { owner, leftMs, action }: Taken): Promise<void> {
  const { postSigned, clock = systemClock } = deps;
  const until = clock.monotonic() + leftMs;
  const body = { type: 'card.action', tenantId: tid, owner, action };
  const limits = { timeoutMs: Math.max(1, leftMs), maxBytes: ANSWER_BYTES };
  const answer = await postSigned({ tid, use: 'cards', body, ...limits });
  if (answer === undefined) return;
  await store(deps, { tid, uid: owner }, action, answerOf(answer), until);
}

/** The answer is there: what keeps it from being stored for a moment does not make it none. */
async function store(
  deps: CallBackDeps,
  owner: Actor,
  { cid, actionId }: CardAction,
  answer: AnswerCard,
  until: number,
): Promise<void> {
  for (;;) {
    try {
      await answerCard(deps, owner, { cid, actionId }, answer, until);
      return;
    } catch (error) {
      const passes = ERRORS[asChatError(error).code].retry === 'later';
      if (!passes || (deps.clock ?? systemClock).monotonic() + AGAIN_MS > until) throw error;
    }
    await sleep(AGAIN_MS);
  }
}

function answerOf({ status, body }: OutboundAnswer): AnswerCard {
  const isAnswer = status === STATUS.ok || status === STATUS.noContent;
  if (!isAnswer) throw new Error(`it answered with status ${status}`);
  return body.length === 0 ? { ok: true } : ServerAnswer.parse(JSON.parse(body.toString('utf8')));
}
