/** Raw SQL: the message is read with its sender's place in the conversation, and an action is stored unless it is there. */
import { createHash, randomUUID } from 'node:crypto';
import { type CardBody, ChatError } from '@messagecore/protocol';
import type { ActOnCard, CardAction } from '@messagecore/protocol/features';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import { holdMembership } from '../../core/conversations/own-membership.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { isGone } from '../../core/messages/frames.ts';
import { checkVisible } from '../../core/messages/visible-message.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import { checkMay } from '../../core/permissions/permissions.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { actionColumns, actionOf, type ActionRow } from './action-rows.ts';
import { callBackLater } from './call-back.job.ts';
import type { CallBacks } from './call-back.ts';
import type { CardDeps } from './deps.ts';
import { type Given, givenOf } from './rules.ts';
import { timeOutLater } from './time-out.job.ts';

interface Place {
  readonly cid: string;
  readonly seq: number;
}

interface ActDeps extends Pick<CardDeps, 'sql' | 'publishEvents'> {
  readonly callBacks: Pick<CallBacks, 'begin'>;
}

/** What is asked for, under its key. */
interface Asked extends Place {
  readonly key: string;
  readonly hash: string;
}

/**
 * Stores what a reader does with a card and tells the card's owner, once for each key; a repeat is answered with what became
 * of it. Where the tenant has an endpoint for cards, that is told when this is committed. Throws `not_found`, `not_member`, `forbidden`, `muted`, `bad_request` for what the card does not offer, `conflict` for
 * a key that was used for something else, for what is no card, and for a card of somebody who is not there any more.
 */
export async function actOnCard(
  { sql, publishEvents, callBacks }: ActDeps,
  user: Actor,
  { cid, seq }: Place,
  request: ActOnCard,
  key: string,
): Promise<{ created: boolean; data: CardAction }> {
  const asked = { cid, seq, key, hash: hashOf(seq, request) };
  const { calls, ...outcome } = await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await holdMembership(tx, user, cid);
    const before = await findRepeat(tx, user, asked);
    if (before !== undefined) return { created: false, data: before, calls: false };
    checkMay('useCards', await readSituation(tx, user, cid));
    await checkVisible(tx, user, cid, seq);
    const { owner, card } = await readCard(tx, { cid, seq });
    const given = givenOf(card, request);
    const stored = await store(tx, user, owner, asked, request.action, given);
    if (stored === undefined) return { created: false, data: await must(findRepeat(tx, user, asked)), calls: false };
    const { action, calls } = stored;
    await emit(userFrame({ tid: user.tid, uid: owner }, { t: 'event', event: 'card.action', data: action }));
    await timeOutLater(tx, user.tid, action);
    if (calls) await callBackLater(tx, user.tid, action);
    return { created: true, data: action, calls };
  });
  if (calls) callBacks.begin({ tid: user.tid, cid, actionId: outcome.data.actionId });
  return outcome;
}

function hashOf(seq: number, { action, value, inputs }: ActOnCard): string {
  const sorted = Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([seq, action, value ?? null, sorted]))
    .digest('base64url');
}

async function findRepeat(tx: Transaction, { uid }: Actor, { cid, key, hash }: Asked): Promise<CardAction | undefined> {
  const [found] = await tx<(ActionRow & { hash: string })[]>`
    select ${actionColumns(tx)}, a.request_hash as hash from card_actions a
    where a.conversation_id = ${cid} and a.actor_id = ${uid} and a.request_key = ${key}`;
  if (found === undefined) return undefined;
  const { hash: before, ...action } = found;
  if (before !== hash) throw new ChatError('conflict', 'the idempotency key was used for something else');
  return actionOf(action);
}

async function readCard(tx: Transaction, { cid, seq }: Place): Promise<{ owner: string; card: CardBody }> {
  const [message] = await tx<{ owner: string; kind: string; body: CardBody; recalled: boolean; present: boolean }[]>`
    select m.sender_id as owner, m.kind, m.body, ${isGone(tx, tx`m`)} as recalled, p.user_id is not null as present
    from messages m
    left join participants p on p.conversation_id = m.conversation_id and p.user_id = m.sender_id
    where m.conversation_id = ${cid} and m.seq = ${seq}`;
  if (message === undefined) throw new ChatError('not_found', 'no such message');
  const { owner, kind, body, recalled, present } = message;
  if (kind !== 'card') throw new ChatError('conflict', 'the message is no card');
  if (recalled) throw new ChatError('conflict', 'the message was recalled');
  if (!present) throw new ChatError('conflict', 'who sent the card does not take part any more');
  return { owner, card: body };
}

/** With whether an endpoint is to be told. Undefined where somebody else has stored one under this key just now. */
async function store(
  tx: Transaction,
  { tid, uid }: Actor,
  owner: string,
  { cid, seq, key, hash }: Asked,
  element: string,
  given: Given,
): Promise<{ action: CardAction; calls: boolean } | undefined> {
  const [row] = await tx<(ActionRow & { calls: boolean })[]>`
    insert into card_actions as a
      (conversation_id, action_id, tenant_id, seq, actor_id, owner_id, request_key, request_hash, element, given, state,
       created_at)
    values
      (${cid}, ${randomUUID()}, ${tid}, ${seq}, ${uid}, ${owner}, ${key}, ${hash}, ${element},
       ${JSON.stringify(given)}::text::json, 'waiting', now())
    on conflict (conversation_id, actor_id, request_key) do nothing
    returning ${actionColumns(tx)},
      exists (select from tenant_endpoints e where e.tenant_id = ${tid} and e.use = 'cards') as calls`;
  if (row === undefined) return undefined;
  const { calls, ...action } = row;
  return { action: actionOf(action), calls };
}

async function must<T>(found: Promise<T | undefined>): Promise<T> {
  const it = await found;
  if (it === undefined) throw new ChatError('unavailable');
  return it;
}
