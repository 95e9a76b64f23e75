/** Raw SQL: the state and the database's clock decide in the statements that store the answer. */
import { createHash } from 'node:crypto';
import { ChatError, type ErrorCode } from '@messagecore/protocol';
import type { AnswerCard, CardAction } from '@messagecore/protocol/features';
import { holdMembership } from '../../core/conversations/own-membership.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { actionColumns, actionOf, type ActionRow, isOpen } from './action-rows.ts';
import type { CardDeps } from './deps.ts';

/** Of these it is not known whether the change was made. */
const UNKNOWN: ReadonlySet<ErrorCode> = new Set(['unavailable', 'internal']);

interface Place {
  readonly cid: string;
  readonly actionId: string;
}

/**
 * Stores the owner's answer and tells whoever acted; the same answer again is answered alike. Of different ones at once the first
 * to claim the action is the answer. The card is changed next: when that is refused nothing was answered, and the claim ends.
 * Throws `not_found`, `not_member`, `conflict` for what is answered otherwise or too late, and what an edit throws.
 */
export async function answerCard(
  deps: CardDeps,
  owner: Actor,
  place: Place,
  given: AnswerCard,
  until: number,
): Promise<CardAction> {
  const { sql } = deps;
  const answer = answerOf(given);
  const action = await sql.begin(async (tx) => {
    await holdMembership(tx, owner, place.cid);
    return claim(tx, owner, place, answer);
  });
  if (action.state !== 'waiting') return action;
  if (given.body !== undefined) {
    const refusal = await edit(deps, owner, { cid: place.cid, seq: action.seq }, given.body, until);
    if (refusal !== undefined) {
      // Else it is not known whether the card has changed: then this answer alone may be repeated.
      if (!UNKNOWN.has(refusal.code)) await endClaim(sql, owner, place, answer);
      throw refusal;
    }
  }
  return store(deps, owner, place, answer);
}

interface Answer {
  readonly state: 'ok' | 'error';
  readonly text: string | null;
  /** Of all that it says: two answers are the same if theirs are. */
  readonly hash: string;
}

function answerOf({ ok, text: words, body }: AnswerCard): Answer {
  const text = words ?? null;
  const hash = createHash('sha256')
    .update(JSON.stringify([ok, text, body ?? null]))
    .digest('base64url');
  return { state: ok ? 'ok' : 'error', text, hash };
}

/** Of `card_actions a`, as far as it is the owner's. */
const isIt = (sql: Sql | Transaction, { tid, uid }: Actor, { cid, actionId }: Place) =>
  sql`a.conversation_id = ${cid} and a.action_id = ${actionId} and a.tenant_id = ${tid} and a.owner_id = ${uid}`;

const isUnclaimed = (sql: Sql | Transaction, { hash }: Answer) => sql`coalesce(a.answer_hash, ${hash}) = ${hash}`;

/** The action, which nothing but this very answer will be stored for, or is already. */
async function claim(tx: Transaction, owner: Actor, place: Place, answer: Answer): Promise<CardAction> {
  const [action] = await tx<ActionRow[]>`
    update card_actions a set answer_hash = ${answer.hash}
    where ${isIt(tx, owner, place)} and ${isOpen(tx)} and ${isUnclaimed(tx, answer)}
    returning ${actionColumns(tx)}`;
  return action === undefined ? readAnswered(tx, owner, place, answer) : actionOf(action);
}

/** The answer is over: another one may be stored. */
async function endClaim(sql: Sql, owner: Actor, place: Place, { hash }: Answer): Promise<void> {
  await sql`
    update card_actions a set answer_hash = null
    where ${isIt(sql, owner, place)} and a.state = 'waiting' and a.answer_hash = ${hash}`;
}

function store({ sql, publishEvents }: CardDeps, owner: Actor, place: Place, answer: Answer): Promise<CardAction> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await holdMembership(tx, owner, place.cid);
    const [row] = await tx<ActionRow[]>`
      update card_actions a set state = ${answer.state}, answer = ${answer.text}, answer_hash = ${answer.hash}
      where ${isIt(tx, owner, place)} and ${isOpen(tx)} and ${isUnclaimed(tx, answer)}
      returning ${actionColumns(tx)}`;
    if (row === undefined) return readAnswered(tx, owner, place, answer);
    const action = actionOf(row);
    const actor = { tid: owner.tid, uid: action.from };
    await emit(userFrame(actor, { t: 'event', event: 'card.answered', data: action }));
    return action;
  });
}

/** The action where it has this very answer. */
async function readAnswered(tx: Transaction, owner: Actor, place: Place, answer: Answer): Promise<CardAction> {
  const [found] = await tx<(ActionRow & { hash: string | null })[]>`
    select ${actionColumns(tx)}, a.answer_hash as hash from card_actions a where ${isIt(tx, owner, place)}`;
  if (found === undefined) throw new ChatError('not_found', 'no such action');
  const { hash: stored, ...row } = found;
  if (row.state === 'timeout') throw new ChatError('conflict', 'the answer comes too late');
  // Without a hash it was answered by a service of the version before.
  const isSame = stored === null ? row.state === answer.state && row.text === answer.text : stored === answer.hash;
  if (row.state === 'waiting' || !isSame) throw new ChatError('conflict', 'it is answered otherwise');
  return actionOf(row);
}

/** What it is refused with. */
async function edit(
  { changeMessages }: CardDeps,
  { tid, uid, token }: Actor,
  card: { readonly cid: string; readonly seq: number },
  body: Record<string, unknown>,
  until: number,
): Promise<ChatError | undefined> {
  const [outcome] = await changeMessages([{ tid, uid, token, ...card, change: { t: 'edit', body } }], until);
  return outcome instanceof ChatError ? outcome : undefined;
}
