/** Raw SQL: the text of a message is stored as it is. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { ScheduledMessage, UpdateScheduled } from '@messagecore/protocol/features';
import { holdMembership } from '../../core/conversations/own-membership.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { isTenantKind } from '../../core/messages/bodies.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { checkAhead } from '../../platform/database/check-ahead.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { messageText } from './create-scheduled.ts';
import type { ScheduledDeps } from './deps.ts';
import {
  cancelSend,
  changedEvent,
  enqueueSend,
  isOne,
  type Key,
  lockRow,
  type Message,
  scheduledOf,
  type ScheduledRow,
} from './scheduled-row.ts';

type Deps = Pick<ScheduledDeps, 'sql' | 'publishEvents'>;
type Kinds = ScheduledDeps['kinds'];
type User = Actor & { readonly sid?: string | undefined };

/**
 * Changes the time or the body, of what has failed too, which then waits for its new time. Throws `not_found`, also for what
 * is sent by now, `not_member` where there is none, `conflict` while it is being sent, and for body and time what scheduling throws.
 */
export function updateScheduled(
  { sql, publishEvents, kinds }: Deps & { readonly kinds: Kinds },
  user: User,
  { cid, mid, at, body }: UpdateScheduled & Key,
): Promise<ScheduledMessage> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const row = await lockUnsent(tx, user, { cid, mid });
    const moved = at ?? row.at;
    if (at !== undefined || row.state === 'failed') await checkAhead(tx, moved, LIMITS.aheadDays);
    const message = body === undefined ? row.message : await withBody(tx, kinds, user.tid, row, body);
    const changed: ScheduledRow = {
      ...{ ...row, message, at: moved },
      ...{ state: 'waiting', error: null, version: row.version + 1 },
    };
    await tx`
      update scheduled_messages s
      set message = ${message}::text::json, send_at = to_timestamp(${moved}::float8 / 1000), state = 'waiting', error = null,
        version = ${changed.version}
      where ${isOne(tx, user, row)}`;
    await cancelSend(tx, { cid, uid: user.uid, mid, version: row.version });
    await enqueueSend(tx, user.tid, { cid, uid: user.uid, mid, version: changed.version }, moved);
    const data = scheduledOf(changed);
    await emit(changedEvent(user, data));
    return data;
  });
}

async function withBody(
  tx: Transaction,
  kinds: Kinds,
  tid: string,
  row: ScheduledRow,
  body: Message['body'],
): Promise<string> {
  const message = { ...(JSON.parse(row.message) as Message), body };
  return messageText(message, isTenantKind(message.kind) ? await kinds.of(tid, tx) : undefined);
}

/** It is not sent any more. Throws `not_found`, also for what is sent by now, and `conflict` while it is being sent. */
export function removeScheduled({ sql, publishEvents }: Deps, user: User, { cid, mid }: Key): Promise<void> {
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const row = await lockUnsent(tx, user, { cid, mid });
    await tx`delete from scheduled_messages s where ${isOne(tx, user, row)}`;
    await cancelSend(tx, { cid, uid: user.uid, mid, version: row.version });
    await emit(changedEvent(user, scheduledOf(row, { state: 'removed' })));
  });
}

/** Whoever holds the row keeps it from being sent: the job begins by marking it. One that has left finds what is its own. */
async function lockUnsent(tx: Transaction, user: Actor, key: Key): Promise<ScheduledRow> {
  const row = await lockRow(tx, user, key);
  if (row === undefined) {
    await holdMembership(tx, user, key.cid);
    throw new ChatError('not_found', 'no such message that waits');
  }
  if (row.state === 'sending') throw new ChatError('conflict', 'the message is being sent');
  return row;
}
