/**
 * Sends a message at its time, once.
 *
 * The job first marks the row as being sent, in a transaction of its own: from then on nobody changes it. It sends by the
 * ordinary way, under the `mid` that the message has had from the beginning, and takes the row away in the transaction that
 * ends the job. A job that dies in between is begun again by another process, and sends again: a repeat, which stores
 * nothing (IDM-1). Whether it is time is asked of the database, where the job waited too.
 *
 * Raw SQL: statements that compare versions and states where they write.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError, type ErrorCode } from '@messagecore/protocol';
import type { Actor } from '../../core/identity/caller.ts';
import { emit, type EmittedEvent } from '../../core/outbox/emit.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Job } from '../../platform/jobs/job-store.ts';
import { ANSWER_WITHIN_MS } from '../../platform/rate-limits/deadline.ts';
import type { ScheduledDeps } from './deps.ts';
import { findSent } from './find-sent.ts';
import type { Send } from './ports.ts';
import {
  changedEvent,
  type DuePayload,
  enqueueSend,
  isOne,
  lockRow,
  type Message,
  rowColumns,
  SEND_SCHEDULED,
  scheduledOf,
  type ScheduledRow,
} from './scheduled-row.ts';

/** Of its device: it was written on another one, which has perhaps signed out since. */
const CLIENT_ID = 'scheduled';

/** Within hours: what is unknown by then stays unknown. */
const MAX_ATTEMPTS = 100;

/** From one try to the next while maintenance or a merge of its user lasts, however long. */
const AGAIN_MS = 10_000;

/** Of these it is not known whether the message is stored, or it will be if it is tried again. */
const UNSETTLED: ReadonlySet<ErrorCode> = new Set(['unavailable', 'internal', 'unauthorized']);

type Result =
  | { readonly is: 'over' }
  /** The database's clock was set back since the job was taken. */
  | { readonly is: 'early'; readonly at: number }
  | { readonly is: 'sent'; readonly seq: number }
  /** To be tried by another job: what was begun stays so. */
  | { readonly is: 'again' }
  | { readonly is: 'delayed'; readonly delayMs: number }
  | { readonly is: 'failed'; readonly error: ErrorCode };

export function sendScheduled(
  { send, publishEvents }: Pick<ScheduledDeps, 'send' | 'publishEvents'>,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): JobKind {
  return {
    kind: SEND_SCHEDULED,
    maxAttempts: MAX_ATTEMPTS,
    // From before it is begun: a process that was paused in between sends nothing that may be changed by then.
    effect: (sql, job) => sendDue(sql, send, job, clock.monotonic() + ANSWER_WITHIN_MS),
    async run(tx, job, result) {
      const events = await settle(tx, job, result as Result);
      return () => publishEvents(events);
    },
    async giveUp(tx, job) {
      await settle(tx, job, { is: 'failed', error: 'unavailable' });
      return 'ended';
    },
  };
}

/** Throws where it is to be tried again. */
async function sendDue(sql: Sql, send: Send, job: Job, until: number): Promise<Result> {
  const { tid } = job;
  const { cid, uid, mid } = payloadOf(job);
  const due = await begin(sql, job);
  if (due === undefined) return findWhy(sql, job);
  if (due.merging) return { is: 'again' };
  if (!due.active) return { is: 'failed', error: 'forbidden' };
  const token = { generation: due.generation };
  const item = { ...(JSON.parse(due.message) as Message), tid, uid, token, cid, mid, clientId: CLIENT_ID };
  const [outcome] = await send([item], until);
  if (outcome === undefined) throw new Error('no verdict');
  if (!(outcome instanceof ChatError)) return { is: 'sent', seq: outcome.seq };
  if (outcome.code === 'maintenance') return { is: 'again' };
  if (UNSETTLED.has(outcome.code)) throw outcome;
  if (outcome.code === 'rate_limited') return { is: 'delayed', delayMs: outcome.retryAfterMs ?? 0 };
  return { is: 'failed', error: outcome.code };
}

const payloadOf = ({ payload }: Job) => payload as DuePayload;

interface Due extends ScheduledRow {
  readonly active: boolean;
  /** Its messages are on their way to the survivor. */
  readonly merging: boolean;
  /** As a token without a device carries it now: one that ends before the message is stored refuses it. */
  readonly generation: number;
}

/**
 * Marks the message as being sent; undefined when it is not there any more, was changed, or is not due. What was begun
 * already was due, whatever the clock says by now.
 */
async function begin(sql: Sql, job: Job): Promise<Due | undefined> {
  const payload = payloadOf(job);
  const [due] = await sql<Due[]>`
    update scheduled_messages s set state = 'sending'
    from users u
    where ${isOne(sql, { tid: job.tid, uid: payload.uid }, payload)} and s.version = ${payload.version}
      and (s.state = 'sending' or (s.state = 'waiting' and s.send_at <= now())) and u.id = s.user_id
    returning ${rowColumns(sql)}, u.status = 'active' as active,
      u.merged_into is not null and u.status <> 'deleted' as merging, -1 - u.tokens_generation as generation`;
  return due;
}

async function findWhy(sql: Sql, job: Job): Promise<Result> {
  const payload = payloadOf(job);
  const [early] = await sql<ScheduledRow[]>`
    select ${rowColumns(sql)} from scheduled_messages s
    where ${isOne(sql, { tid: job.tid, uid: payload.uid }, payload)} and s.version = ${payload.version}
      and s.state = 'waiting' and s.send_at > now()`;
  return early === undefined ? { is: 'over' } : { is: 'early', at: early.at };
}

/** Returns the events that it has emitted. */
async function settle(tx: Transaction, job: Job, result: Result): Promise<EmittedEvent[]> {
  const { tid } = job;
  const payload = payloadOf(job);
  if (result.is === 'over') return [];
  if (result.is === 'early') {
    await enqueueSend(tx, tid, payload, result.at);
    return [];
  }
  const row = await lockRow(tx, { tid, uid: payload.uid }, payload);
  if (row === undefined || row.version !== payload.version) return [];
  if (result.is === 'sent' || result.is === 'failed') return end(tx, job, row, result);
  if (result.is === 'delayed') await letWait(tx, job);
  await tryAgain(tx, job, result.is === 'delayed' ? result.delayMs : AGAIN_MS);
  return [];
}

/** It may be changed again until then. */
async function letWait(tx: Transaction, job: Job): Promise<void> {
  const payload = payloadOf(job);
  const user = { tid: job.tid, uid: payload.uid };
  await tx`update scheduled_messages s set state = 'waiting' where ${isOne(tx, user, payload)}`;
}

async function tryAgain(tx: Transaction, job: Job, delayMs: number): Promise<void> {
  await enqueue(tx, { kind: job.kind, tid: job.tid, payload: payloadOf(job), delayMs });
}

/** An attempt before may have stored the message, and its repeat be refused all the same: what is stored decides. */
async function end(
  tx: Transaction,
  job: Job,
  row: ScheduledRow,
  result: Extract<Result, { is: 'sent' | 'failed' }>,
): Promise<EmittedEvent[]> {
  const user = { tid: job.tid, uid: payloadOf(job).uid };
  const seq = result.is === 'sent' ? result.seq : await findSame(tx, user, row);
  if (result.is === 'sent' || seq !== null) {
    await tx`delete from scheduled_messages s where ${isOne(tx, user, row)}`;
    return emit(tx, [changedEvent(user, scheduledOf(row, { state: 'sent', seq }))]);
  }
  const { error } = result;
  await tx`update scheduled_messages s set state = 'failed', error = ${error} where ${isOne(tx, user, row)}`;
  return emit(tx, [changedEvent(user, scheduledOf(row, { state: 'failed', error }))]);
}

/** The `seq` of the message, if an attempt before has stored it; else null, also where the `mid` is another message's. */
async function findSame(tx: Transaction, user: Pick<Actor, 'tid' | 'uid'>, row: ScheduledRow): Promise<number | null> {
  const sent = await findSent(tx, user, row);
  return sent?.isSame === true ? sent.seq : null;
}
