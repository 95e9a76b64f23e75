/**
 * Edits, recalls and reactions: each takes the next `rev` of its conversation and stamps it on its message (CORE-7).
 *
 * Everything that is asked of one conversation together is one transaction: the conversation's row is locked first, the
 * state is read after that, changes are judged in the order asked, each on what the ones before it left, and written
 * together with the audit trail and the outbox row.
 *
 * Invariants: `rev` is dense; a change that changes nothing takes none and answers the message's own; one item's refusal
 * touches no other. When a transaction of several fails as a whole, its items are tried one by one.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { changed } from './message-changes.ts';
import { canonicalReaction, requireReaction } from './reactions.ts';
import type { Committed, Publish } from '../outbox/committed.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { frameOf } from './frames.ts';
import { classifyFailure } from '../../platform/database/batch-failure.ts';
import { byConversation } from './by-conversation.ts';
import { type ChangeState, lockConversation, type LockedConversation, readChangeState } from './change-state.ts';
import { type MessageChange, writeChanges } from './write-changes.ts';

/** A change that is asked for; not to be begun after `until`, by the monotonic clock: whoever asked has given up. */
export type ChangeItem = RpcItem<'change'> & { readonly until?: number | undefined };

export type ChangeOutcome = RpcResult<'change'> | ChatError;

export interface ChangeDeps {
  readonly sql: Sql;
  readonly publish: Publish;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

/** Settles every item, in order. Nothing is written after an item's own `until`, nor after the one for all (IDM-8). Never rejects. */
export function changeMessages(
  { sql, publish, clock = systemClock }: ChangeDeps,
  items: readonly ChangeItem[],
  until = Infinity,
): Promise<readonly ChangeOutcome[]> {
  const isPastDeadline = (item: ChangeItem) => clock.monotonic() > Math.min(until, item.until ?? Infinity);
  return byConversation(items, (group) => changeGroup({ sql, publish, isLate: isPastDeadline }, group));
}

interface GroupDeps extends Pick<ChangeDeps, 'sql' | 'publish'> {
  /** Whether whoever asked has given up. */
  readonly isLate: (item: ChangeItem) => boolean;
}

/** Items of one conversation. */
async function changeGroup(deps: GroupDeps, items: readonly ChangeItem[]): Promise<readonly ChangeOutcome[]> {
  if (items.every(deps.isLate)) return items.map(deadlinePassed);
  try {
    const { outcomes, committed } = await deps.sql.begin((tx) => changeUnderLock(tx, items, deps.isLate));
    if (committed !== undefined) deps.publish(committed);
    return outcomes;
  } catch (error) {
    const failure = classifyFailure(error);
    if (items.length === 1 || !failure.mayBeOfOneItem) return items.map(() => failure.error);
  }
  const outcomes: ChangeOutcome[] = [];
  for (const item of items) outcomes.push(...(await changeGroup(deps, [item])));
  return outcomes;
}

interface Changed {
  readonly outcomes: readonly ChangeOutcome[];
  readonly committed?: Committed;
}

async function changeUnderLock(
  tx: Transaction,
  items: readonly ChangeItem[],
  isLate: (item: ChangeItem) => boolean,
): Promise<Changed> {
  const { tid = '', cid = '' } = items[0] ?? {};
  const conversation = await lockConversation(tx, tid, cid);
  if (conversation === undefined) return { outcomes: items.map(noConversation) };
  const state = await readChangeState(tx, cid, items);
  const { outcomes, changes } = applyChanges(items, conversation, state, isLate);
  if (changes.length === 0) return { outcomes };
  const outboxId = await writeChanges(tx, cid, changes);
  const [first, last] = [conversation.rev + 1, conversation.rev + changes.length];
  const frames = changes.map(({ after }) => frameOf('update', after));
  return { outcomes, committed: { outboxId, ranges: [{ tid, cid, topic: 'upd', first, last, frames }] } };
}

/** The lock has been waited for, as the connection before it: who has given up meanwhile is answered so, and all of theirs. */
function applyChanges(
  items: readonly ChangeItem[],
  conversation: LockedConversation,
  state: ChangeState,
  isLate: (item: ChangeItem) => boolean,
) {
  const givenUp = new Set(items.filter(isLate).map(({ uid }) => uid));
  const changes: MessageChange[] = [];
  const outcomes = items.map((item): ChangeOutcome => {
    if (givenUp.has(item.uid)) return deadlinePassed();
    try {
      const { asked, before, after } = applyChange(item, conversation, state);
      if (after === undefined) return { rev: before.rev };
      const rev = conversation.rev + changes.length + 1;
      changes.push({ item: asked, before, after: { ...after, rev } });
      state.remember(asked, { ...after, rev });
      return { rev };
    } catch (error) {
      if (error instanceof ChatError) return error;
      throw error;
    }
  });
  return { outcomes, changes };
}

function applyChange(item: ChangeItem, conversation: LockedConversation, state: ChangeState) {
  const { uid, seq } = item;
  const participant = state.participants.get(uid);
  if (participant === undefined) throw new ChatError('not_member');
  const before = state.messages.get(seq);
  const { change, reacted } = withCanonicalEmoji(item, state);
  // What one may not see is not there; one's own words can be taken back all the same.
  const hidden = conversation.sinceJoining && seq < participant.historyFrom;
  const ownRecall = change.t === 'recall' && before?.from === uid;
  if (before === undefined || (hidden && !ownRecall)) throw new ChatError('not_found', 'no such message');
  const after = changed(before, change, { uid, ...participant, ...conversation, reacted });
  return { asked: { ...item, change }, before, after };
}

/** The change with its emoji as it is stored, and whether the user has set it. What was set in another spelling stays so. */
function withCanonicalEmoji({ seq, uid, change }: ChangeItem, state: ChangeState) {
  if (change.t !== 'react') return { change, reacted: false };
  const asAsked = state.reacted(seq, uid, change.emoji);
  const canonical = change.on ? requireReaction(change.emoji) : (canonicalReaction(change.emoji) ?? change.emoji);
  const emoji = asAsked ? change.emoji : canonical;
  return { change: { ...change, emoji }, reacted: asAsked || state.reacted(seq, uid, canonical) };
}

const deadlinePassed = () => new ChatError('unavailable', 'waited too long to be carried out');
const noConversation = () => new ChatError('not_found', 'no such conversation');
