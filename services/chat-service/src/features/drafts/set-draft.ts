/** Raw SQL: the comparison of versions and the write are one statement. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import type { Draft, SetDraft } from '@messagecore/protocol/features';
import { and, eq, isNotNull, ne } from '../../platform/database/drizzle.ts';
import { holdMembership } from '../../core/conversations/own-membership.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { commitWithEvents, type PublishEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { keptBody } from './rules.ts';
import { drafts } from './tables.ts';

export interface DraftDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

/**
 * Keeps what is newer than the draft that is there, and tells the user's other sessions; what is older changes nothing.
 * Answers the draft that counts then. Throws `not_found`, `not_member`, `too_large` for the body, or for one more draft than
 * may be.
 */
export function setDraft(
  { sql, publishEvents }: DraftDeps,
  user: Actor & { readonly sid?: string | undefined },
  cid: string,
  { body: given, replyTo, version }: SetDraft,
): Promise<Draft> {
  const body = keptBody(given);
  return commitWithEvents(sql, publishEvents, async (tx, emit) => {
    await holdMembership(tx, user, cid);
    if (body !== null) await checkCount(tx, user.uid, cid);
    const draft = { body, replyTo: body === null ? null : (replyTo ?? null), version: version ?? null };
    const stored = await store(tx, user, cid, draft);
    if (stored === undefined) return readDraft(tx, user.uid, cid);
    await emit(userFrame(user, { t: 'event', event: 'conversation.draft', cid, data: stored }));
    return stored;
  });
}

/** Several at the same time may go a little beyond. */
async function checkCount(tx: Transaction, uid: string, cid: string): Promise<void> {
  const isOther = and(eq(drafts.userId, uid), isNotNull(drafts.body), ne(drafts.conversationId, cid));
  if ((await db(tx).$count(drafts, isOther)) < LIMITS.draftsPerUser) return;
  throw new ChatError('too_large', `more than ${LIMITS.draftsPerUser} drafts`);
}

interface NewDraft {
  readonly body: string | null;
  readonly replyTo: number | null;
  readonly version: number | null;
}

const columns = (sql: Sql | Transaction) => sql`
  d.conversation_id as cid, d.body, d.reply_to as "replyTo", d.version,
  (extract(epoch from d.updated_at) * 1000)::float8 as at`;

/** Undefined when what is there is as new or newer. */
async function store(
  tx: Transaction,
  { tid, uid }: Actor,
  cid: string,
  { body, replyTo, version }: NewDraft,
): Promise<Draft | undefined> {
  const now = tx`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  const [stored] = await tx<Draft[]>`
    insert into drafts as d (conversation_id, user_id, tenant_id, body, reply_to, version, updated_at)
    values (${cid}, ${uid}, ${tid}, ${body}::text::json, ${replyTo}, least(${version}::bigint, ${now}), now())
    on conflict (conversation_id, user_id) do update
    set body = excluded.body, reply_to = excluded.reply_to, updated_at = excluded.updated_at,
      version = least(${version}::bigint, greatest(${now}, d.version + 1))
    where ${version}::bigint is null or ${version}::bigint > d.version
    returning ${columns(tx)}`;
  return stored;
}

async function readDraft(tx: Transaction, uid: string, cid: string): Promise<Draft> {
  const [found] = await tx<Draft[]>`
    select ${columns(tx)} from drafts d where d.conversation_id = ${cid} and d.user_id = ${uid}`;
  if (found === undefined) throw new Error('a draft vanished under the lock of its membership');
  return found;
}
