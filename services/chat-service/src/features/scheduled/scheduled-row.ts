/**
 * A row of `scheduled_messages` as it is read and told.
 *
 * Raw SQL: parts of statements that need the text of a message as it is stored.
 */
import type { ErrorCode } from '@messagecore/protocol';
import type { ScheduledMessage, ScheduleMessage } from '@messagecore/protocol/features';
import type { Actor } from '../../core/identity/caller.ts';
import { userFrame } from '../../core/outbox/events.ts';
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';
import { cancel, enqueue } from '../../platform/jobs/enqueue.ts';

export const SEND_SCHEDULED = 'send scheduled message';

/** What is sent, besides where and when. */
export type Message = Omit<ScheduleMessage, 'mid' | 'at'>;

export interface ScheduledRow {
  readonly cid: string;
  readonly mid: string;
  /** JSON text. */
  readonly message: string;
  readonly at: number;
  readonly state: 'waiting' | 'sending' | 'failed';
  readonly error: ErrorCode | null;
  readonly version: number;
}

/** What a job is about: one version of one message. */
export interface DuePayload {
  readonly cid: string;
  readonly uid: string;
  readonly mid: string;
  readonly version: number;
}

/** Columns of a `ScheduledRow`, from `scheduled_messages s`. */
export const rowColumns = (sql: Sql | Transaction): Fragment => sql`
  s.conversation_id as cid, s.mid, s.message::text as message, round(extract(epoch from s.send_at) * 1000)::float8 as at,
  s.state, s.error, s.version`;

type Told = Partial<Pick<ScheduledMessage, 'state' | 'error' | 'seq'>>;

export function scheduledOf(row: ScheduledRow, told: Told = {}): ScheduledMessage {
  const { cid, mid, message, at, state, error } = row;
  return { ...(JSON.parse(message) as Message), cid, mid, at, state, error, seq: null, ...told };
}

type Sessions = Pick<Actor, 'tid' | 'uid'> & { readonly sid?: string | undefined };

/** For the user's sessions; the one that caused the change does not get it. */
export const changedEvent = (user: Sessions, data: ScheduledMessage) =>
  userFrame(user, { t: 'event', event: 'scheduled.changed', data });

/** Which message it is, beside its user. */
export type Key = Pick<ScheduledRow, 'cid' | 'mid'>;

/** That it is this one of a user, of `scheduled_messages s`. */
export const isOne = (sql: Sql | Transaction, { tid, uid }: Pick<Actor, 'tid' | 'uid'>, { cid, mid }: Key): Fragment =>
  sql`s.conversation_id = ${cid} and s.user_id = ${uid} and s.mid = ${mid} and s.tenant_id = ${tid}`;

/** The row, locked; undefined when it is not there. */
export async function lockRow(tx: Transaction, user: Actor, key: Key): Promise<ScheduledRow | undefined> {
  const [row] = await tx<ScheduledRow[]>`
    select ${rowColumns(tx)} from scheduled_messages s where ${isOne(tx, user, key)} for update`;
  return row;
}

const keyOf = ({ cid, uid, mid, version }: DuePayload) => `${cid} ${uid} ${mid} ${version}`;

/** Has this version of the message sent at its time. */
export const enqueueSend = (tx: Transaction, tid: string, payload: DuePayload, runAt: number) =>
  enqueue(tx, { kind: SEND_SCHEDULED, tid, payload, key: keyOf(payload), runAt });

export const cancelSend = (tx: Transaction, payload: DuePayload) =>
  cancel(tx, { kind: SEND_SCHEDULED, key: keyOf(payload) });
