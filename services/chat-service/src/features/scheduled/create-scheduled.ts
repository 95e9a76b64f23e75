/** Raw SQL: the text of a message is stored as it is, and compared. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { ScheduledMessage, ScheduleMessage } from '@messagecore/protocol/features';
import { holdMembership } from '../../core/conversations/own-membership.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { canonicalBody, isTenantKind, type TenantKinds } from '../../core/messages/bodies.ts';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { checkAhead } from '../../platform/database/check-ahead.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { ScheduledDeps } from './deps.ts';
import { findSent } from './find-sent.ts';
import { changedEvent, enqueueSend, lockRow, type Message, scheduledOf, type ScheduledRow } from './scheduled-row.ts';

type User = Actor & { readonly sid?: string | undefined };

export interface Created {
  readonly created: boolean;
  readonly data: ScheduledMessage;
}

/**
 * Keeps a message until its time, and tells the user's other sessions. A repeat is answered with what is there, also when the
 * message is sent by then. Throws what a send would for its body, `not_found`, `not_member`, `bad_request` for a time that is
 * not ahead, `mid_taken`, and `too_large` for one more than may be.
 */
export async function schedule(
  { sql, publishEvents, kinds }: Pick<ScheduledDeps, 'sql' | 'publishEvents' | 'kinds'>,
  user: User,
  { cid, mid, at, ...message }: ScheduleMessage & { readonly cid: string },
): Promise<Created> {
  const text = messageText(message, isTenantKind(message.kind) ? await kinds.of(user.tid) : undefined);
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await holdMembership(tx, user, cid);
    const wanted: ScheduledRow = { cid, mid, message: text, at, state: 'waiting', error: null, version: 1 };
    const repeated = await findRepeated(tx, user, wanted);
    if (repeated !== undefined) return { created: false, data: repeated };
    await checkAhead(tx, at, LIMITS.aheadDays);
    await checkCount(tx, user.uid);
    await insert(tx, user, wanted);
    await enqueueSend(tx, user.tid, { cid, uid: user.uid, mid, version: wanted.version }, at);
    const data = scheduledOf(wanted);
    await emit(changedEvent(user, data));
    return { created: true, data };
  });
}

/** A message with its body as a send would store it; `own` are the tenant's kinds, where it is of one of those. */
export function messageText(message: Message, own: TenantKinds | undefined): string {
  const body: unknown = JSON.parse(canonicalBody(message.kind, message.body, own));
  return JSON.stringify({ ...message, body });
}

async function findRepeated(tx: Transaction, user: Actor, wanted: ScheduledRow): Promise<ScheduledMessage | undefined> {
  const { at, message } = wanted;
  const row = await lockRow(tx, user, wanted);
  if (row === undefined) {
    const sent = await findSent(tx, user, wanted);
    if (sent?.isSame === false) throw new ChatError('mid_taken');
    return sent && scheduledOf(wanted, { state: 'sent', seq: sent.seq });
  }
  if (row.at === at && row.message === message) return scheduledOf(row);
  throw new ChatError('mid_taken');
}

/** Several at the same time may go a little beyond. */
async function checkCount(tx: Transaction, uid: string): Promise<void> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from scheduled_messages where user_id = ${uid}`;
  if ((row?.count ?? 0) < LIMITS.scheduledPerUser) return;
  throw new ChatError('too_large', `more than ${LIMITS.scheduledPerUser} scheduled messages`);
}

/** Of two at the same time the second waits for the first, and is then to be asked again. */
async function insert(
  tx: Transaction,
  { tid, uid }: Actor,
  { cid, mid, message, at, state, version }: ScheduledRow,
): Promise<void> {
  const { count } = await tx`
    insert into scheduled_messages (user_id, mid, tenant_id, conversation_id, message, send_at, state, version)
    values (${uid}, ${mid}, ${tid}, ${cid}, ${message}::text::json, to_timestamp(${at}::float8 / 1000), ${state}, ${version})
    on conflict do nothing`;
  if (count === 0) throw new ChatError('unavailable', 'the same is being scheduled');
}
