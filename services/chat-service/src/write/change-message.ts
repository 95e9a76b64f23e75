/**
 * Edits, recalls and reactions: each takes the next `rev` of its conversation and stamps it on its message (CORE-7).
 *
 * Everything that one request asks of one conversation is one transaction: the conversation's row is locked first, the
 * state is read after that, changes are judged in the order asked, each on what the ones before it left, and written
 * together with the audit trail and the outbox row.
 *
 * Invariants: `rev` is dense; a change that changes nothing takes none and answers the message's own; one item's refusal
 * touches no other. When a transaction of several fails as a whole, its items are tried one by one.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError, type RpcItem, type RpcResult } from '@messagecore/protocol';
import { changed } from '../domain/message-changes.ts';
import type { Sql, Transaction } from '../store/connect.ts';
import { frameOf } from '../store/frames.ts';
import { judgeFailure } from './batch-failure.ts';
import { byConversation } from './by-conversation.ts';
import { type ChangeState, lockConversation, type LockedConversation, readChangeState } from './change-state.ts';
import type { Committed, Publish } from '../store/committed.ts';
import { type MessageChange, writeChanges } from './write-changes.ts';

type Item = RpcItem<'change'>;
type Outcome = RpcResult<'change'> | ChatError;

export interface ChangeDeps {
  readonly sql: Sql;
  readonly publish: Publish;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

/** Settles every item, in order. Nothing is written after `until`, by the monotonic clock (IDM-8). Never rejects. */
export function changeMessages(
  { sql, publish, clock = systemClock }: ChangeDeps,
  items: readonly Item[],
  until = Infinity,
): Promise<readonly Outcome[]> {
  const checkTime = () => {
    if (clock.monotonic() > until) throw new ChatError('unavailable', 'waited too long to be carried out');
  };
  return byConversation(items, (group) => changeAll({ sql, publish, checkTime }, group));
}

interface Changing extends Pick<ChangeDeps, 'sql' | 'publish'> {
  /** Throws when whoever asked has given up. */
  readonly checkTime: () => void;
}

/** Items of one conversation. */
async function changeAll(deps: Changing, items: readonly Item[]): Promise<readonly Outcome[]> {
  try {
    const { outcomes, committed } = await deps.sql.begin((tx) => changeUnderLock(tx, items, deps.checkTime));
    if (committed !== undefined) deps.publish(committed);
    return outcomes;
  } catch (error) {
    const failure = judgeFailure(error);
    if (items.length === 1 || !failure.mayBeOfOneItem) return items.map(() => failure.error);
  }
  const outcomes: Outcome[] = [];
  for (const item of items) outcomes.push(...(await changeAll(deps, [item])));
  return outcomes;
}

interface Changed {
  readonly outcomes: readonly Outcome[];
  readonly committed?: Committed;
}

async function changeUnderLock(tx: Transaction, items: readonly Item[], checkTime: () => void): Promise<Changed> {
  const cid = items[0]?.cid ?? '';
  checkTime();
  const conversation = await lockConversation(tx, cid);
  if (conversation === undefined) return { outcomes: items.map(() => noConversation()) };
  const state = await readChangeState(tx, cid, items);
  const changes: MessageChange[] = [];
  const outcomes = items.map((item): Outcome => {
    try {
      const rev = conversation.rev + changes.length + 1;
      const { before, after } = judge(item, conversation, state);
      if (after === undefined) return { rev: before.rev };
      changes.push({ item, before, after: { ...after, rev } });
      state.remember(item, { ...after, rev });
      return { rev };
    } catch (error) {
      if (error instanceof ChatError) return error;
      throw error;
    }
  });
  if (changes.length === 0) return { outcomes };
  // The lock has been waited for, as the connection before it.
  checkTime();
  const outboxId = await writeChanges(tx, cid, changes);
  const [first, last] = [conversation.rev + 1, conversation.rev + changes.length];
  const frames = changes.map(({ after }) => frameOf('update', after));
  return {
    outcomes,
    committed: { outboxId, ranges: [{ tid: conversation.tid, cid, topic: 'upd', first, last, frames }] },
  };
}

function judge({ tid, uid, seq, change }: Item, conversation: LockedConversation, state: ChangeState) {
  if (tid !== conversation.tid) throw noConversation();
  const participant = state.participants.get(uid);
  if (participant === undefined) throw new ChatError('not_member');
  const before = state.messages.get(seq);
  // What one may not see is not there; one's own words can be taken back all the same.
  const hidden = conversation.sinceJoining && seq < participant.historyFrom;
  const ownRecall = change.t === 'recall' && before?.from === uid;
  if (before === undefined || (hidden && !ownRecall)) throw new ChatError('not_found', 'no such message');
  const reacted = change.t === 'react' && state.reacted(seq, uid, change.emoji);
  return { before, after: changed(before, change, { uid, ...participant, ...conversation, reacted }) };
}

const noConversation = () => new ChatError('not_found', 'no such conversation');
