/**
 * Edits, recalls, reactions, pins and votes: each takes the next `rev` of its conversation and stamps it on its message (CORE-7).
 *
 * All changes of one conversation in a batch are one transaction. The conversation's row is locked first and the state
 * read after that. The changes are applied in order, each to the result of the ones before it, and written together
 * with the audit trail and the outbox row.
 *
 * Invariants: `rev` is dense; a change without effect takes none and returns the message's present `rev`; a refused
 * item does not affect the others. When a transaction with several items fails, its items are tried one by one.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type RpcResult } from '@messagecore/protocol/bus';
import { isTenantKind, type TenantKinds } from './bodies.ts';
import type { KindsOfTenants } from './extensions.ts';
import { asShown, expired, readByAll } from './expiry-changes.ts';
import { type AskedChange, changed, type OwnChange } from './message-changes.ts';
import { previewed } from './preview-changes.ts';
import { canonicalReaction, requireReaction } from './reactions.ts';
import type { Committed, Publish } from '../outbox/committed.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { frameOf, type FrameRow } from './frames.ts';
import { classifyFailure } from '../../platform/database/batch-failure.ts';
import { byConversation } from './by-conversation.ts';
import {
  type ChangeRequest,
  type ChangeState,
  lockConversation,
  type LockedConversation,
  readChangeState,
  type MessageChange,
} from './change-state.ts';
import { writeChanges } from './write-changes.ts';

/** A requested change. Not started after `until`, by the monotonic clock: the caller has stopped waiting. */
export type ChangeItem = ChangeRequest & { readonly until?: number | undefined };

export type ChangeOutcome = RpcResult<'change'> | ChatError;

export interface ChangeDeps {
  readonly sql: Sql;
  readonly publish: Publish;
  /** Undefined where tenants define none. */
  readonly kinds?: KindsOfTenants | undefined;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

/** Settles every item, in order. Nothing is written after an item's own `until`, nor after the one for all (IDM-8). Never rejects. */
export function changeMessages(
  { sql, publish, kinds, clock = systemClock }: ChangeDeps,
  items: readonly ChangeItem[],
  until = Infinity,
): Promise<readonly ChangeOutcome[]> {
  const isPastDeadline = (item: ChangeItem) => clock.monotonic() > Math.min(until, item.until ?? Infinity);
  return byConversation(items, (group) => changeGroup({ sql, publish, kinds, isLate: isPastDeadline }, group));
}

interface GroupDeps extends Pick<ChangeDeps, 'sql' | 'publish' | 'kinds'> {
  /** Whether the caller has stopped waiting. */
  readonly isLate: (item: ChangeItem) => boolean;
}

/** Items of one conversation. */
async function changeGroup(deps: GroupDeps, items: readonly ChangeItem[]): Promise<readonly ChangeOutcome[]> {
  if (items.every(deps.isLate)) return items.map(deadlinePassed);
  try {
    const { outcomes, committed } = await deps.sql.begin((tx) => changeUnderLock(tx, items, deps));
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
  { isLate, kinds }: GroupDeps,
): Promise<Changed> {
  const { tid = '', cid = '' } = items[0] ?? {};
  const conversation = await lockConversation(tx, tid, cid);
  if (conversation === undefined) return { outcomes: items.map(noConversation) };
  const state = await readChangeState(tx, cid, items);
  const own = items.some((item) => editsTenantKind(item, state)) ? await kinds?.of(tid, tx) : undefined;
  const { outcomes, changes } = applyChanges(items, { ...conversation, kinds: own }, state, isLate);
  if (changes.length === 0) return { outcomes };
  const { outboxId, mentions } = await writeChanges(tx, cid, changes);
  const [first, last] = [conversation.rev + 1, conversation.rev + changes.length];
  const frames = changes.map(({ after }) => frameOf('update', { ...after, mentions: mentions.get(after.seq) ?? null }));
  return { outcomes, committed: { outboxId, ranges: [{ tid, cid, topic: 'upd', first, last, frames }] } };
}

function editsTenantKind({ seq, change }: ChangeItem, { messages }: ChangeState): boolean {
  return change.t === 'edit' && isTenantKind(messages.get(seq)?.kind ?? '');
}

/** With the tenant's own kinds of messages, where one is edited. */
interface ChangingConversation extends LockedConversation {
  readonly kinds: TenantKinds | undefined;
}

/**
 * Waiting for the connection and the lock may have taken long. When one item of a user is past its deadline, all items
 * of that user fail, so that none overtakes its repeat.
 */
function applyChanges(
  items: readonly ChangeItem[],
  conversation: ChangingConversation,
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

function applyChange(item: ChangeItem, conversation: ChangingConversation, state: ChangeState) {
  const { uid, seq, change: asked } = item;
  if (asked.t === 'previews' || asked.t === 'expire' || asked.t === 'readByAll') {
    return applyOwn(item, asked, state, conversation.now);
  }
  const participant = state.participants.get(uid);
  if (participant === undefined) throw new ChatError('not_member');
  const refusal = state.refusalOf(item);
  if (refusal !== undefined) throw new ChatError(refusal);
  const stored = state.messages.get(seq);
  const before = stored && asShown(stored);
  const { change, reacted } = withCanonicalEmoji(item, asked, state);
  // A message from before the user joined counts as missing, except that users may recall their own.
  const hidden = conversation.sinceJoining && seq < participant.historyFrom;
  const ownRecall = change.t === 'recall' && before?.from === uid;
  if (before === undefined || (hidden && !ownRecall)) throw new ChatError('not_found', 'no such message');
  const vote = state.vote(seq, uid);
  const after = changed(before, change, { uid, ...participant, ...conversation, reacted, vote, pins: state.pins });
  return { asked: { ...item, change }, before, after };
}

/** A change of the service itself. */
function applyOwn(item: ChangeItem, change: OwnChange, state: ChangeState, now: number) {
  const before = state.messages.get(item.seq);
  if (before === undefined) throw new ChatError('not_found', 'no such message');
  return { asked: item, before, after: afterOwn(before, change, now) };
}

function afterOwn(before: FrameRow, change: OwnChange, now: number): FrameRow | undefined {
  if (change.t === 'expire') return expired(before);
  return change.t === 'readByAll' ? readByAll(before, now) : previewed(asShown(before), change);
}

/**
 * The change with its emoji in canonical spelling, and whether the user has set it. A reaction that is stored in
 * another spelling keeps it.
 */
function withCanonicalEmoji({ seq, uid }: ChangeItem, change: AskedChange, state: ChangeState) {
  if (change.t !== 'react') return { change, reacted: false };
  const asAsked = state.reacted(seq, uid, change.emoji);
  const canonical = change.on ? requireReaction(change.emoji) : (canonicalReaction(change.emoji) ?? change.emoji);
  const emoji = asAsked ? change.emoji : canonical;
  return { change: { ...change, emoji }, reacted: asAsked || state.reacted(seq, uid, canonical) };
}

const deadlinePassed = () => new ChatError('unavailable', 'waited too long to be carried out');
const noConversation = () => new ChatError('not_found', 'no such conversation');
