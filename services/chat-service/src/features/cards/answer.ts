/** Raw SQL: the state and the database's clock decide in the statement that stores the answer. */
import { ChatError } from '@messagecore/protocol';
import type { AnswerCard, CardAction } from '@messagecore/protocol/features';
import { holdMembership } from '../../core/conversations/own-membership.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import { actionColumns, isOpen, readAction } from './action-rows.ts';
import type { CardDeps } from './deps.ts';

interface Place {
  readonly cid: string;
  readonly actionId: string;
}

/**
 * Stores the owner's answer and tells whoever acted; the same answer again is answered alike. The card is changed first: when
 * that is refused nothing was answered. Throws `not_found`, `not_member`, `conflict` for what was answered already or too late,
 * and what an edit throws.
 */
export async function answerCard(
  deps: CardDeps,
  owner: Actor,
  { cid, actionId }: Place,
  { ok, text: words, body }: AnswerCard,
  until: number,
): Promise<CardAction> {
  const { sql, publishEvents } = deps;
  const answer = { state: ok ? 'ok' : 'error', text: words ?? null } as const;
  const found = await sql.begin(async (tx) => {
    await holdMembership(tx, owner, cid);
    return readAction(tx, owner, cid, actionId);
  });
  const before = checkOpen(found, answer);
  if (before !== undefined) return before;
  if (body !== undefined && found !== undefined) await edit(deps, owner, { cid, seq: found.seq }, body, until);
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await holdMembership(tx, owner, cid);
    const [action] = await tx<CardAction[]>`
      update card_actions a set state = ${answer.state}, answer = ${answer.text}
      where a.conversation_id = ${cid} and a.action_id = ${actionId} and a.tenant_id = ${owner.tid}
        and a.owner_id = ${owner.uid} and ${isOpen(tx)}
      returning ${actionColumns(tx)}`;
    if (action === undefined) {
      const meanwhile = checkOpen(await readAction(tx, owner, cid, actionId), answer);
      if (meanwhile === undefined) throw new ChatError('unavailable');
      return meanwhile;
    }
    const actor = { tid: owner.tid, uid: action.from };
    await emit(userFrame(actor, { t: 'event', event: 'card.answered', data: action }));
    return action;
  });
}

/** Undefined where it waits for its answer; the action where it has this very one. */
function checkOpen(
  action: CardAction | undefined,
  { state, text }: { readonly state: string; readonly text: string | null },
): CardAction | undefined {
  if (action === undefined) throw new ChatError('not_found', 'no such action');
  if (action.state === 'waiting') return undefined;
  if (action.state === 'timeout') throw new ChatError('conflict', 'the answer comes too late');
  if (action.state !== state || action.text !== text) throw new ChatError('conflict', 'it was answered otherwise');
  return action;
}

async function edit(
  { changeMessages }: CardDeps,
  { tid, uid, token }: Actor,
  card: { readonly cid: string; readonly seq: number },
  body: Record<string, unknown>,
  until: number,
): Promise<void> {
  const [outcome] = await changeMessages([{ tid, uid, token, ...card, change: { t: 'edit', body } }], until);
  if (outcome instanceof ChatError) throw outcome;
}
