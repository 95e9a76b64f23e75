import { createHash, randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { type ConversationKind, type CreateConversation } from '@messagecore/protocol/features';
import { and, desc, eq, isNull } from '../../platform/database/drizzle.ts';
import { checkComposition, creatorRole } from './kinds.ts';
import { checkMay } from '../permissions/permissions.ts';
import { checkMayInvite, checkNotBlocked, holdBlocks } from '../users/blocks.ts';
import { users } from '../users/tables.ts';
import { resolveUsers } from '../users/user-queries.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf } from '../../platform/database/expressions.ts';
import { commitWithEvents } from '../outbox/emit.ts';
import { conversationEvent, usersEvents } from '../outbox/events.ts';
import type { SettingsOf } from '../tenants/settings.ts';
import type { Changer, ConversationDeps } from './conversation-transaction.ts';
import { checkSettings, historyOf } from './creation-settings.ts';
import { conversations, dmPairs } from './tables.ts';

export interface CreationDeps extends ConversationDeps {
  readonly settingsOf: SettingsOf;
}

export interface Created {
  readonly cid: string;
  /** False when it was there already: the pair's `dm`, or a repeat under the same key. */
  readonly created: boolean;
  /** Who created it: the changer, or the first participant when the back end named nobody. */
  readonly creator: string;
}

interface Plan {
  readonly cid: string;
  readonly tid: string;
  readonly creator: string;
  /** The user who creates; undefined for the back end. */
  readonly asker: string | undefined;
  readonly members: readonly string[];
  readonly request: CreateConversation;
  /** What newcomers are to see, where the request does not say. */
  readonly history: NonNullable<CreateConversation['history']>;
}

/** Attempts to find or create a dm that is deleted meanwhile. */
const ATTEMPTS = 10;

/**
 * Creates a conversation, once for a pair's `dm` and once for an idempotency key, however many ask at the same time, in
 * whatever order they name the participants, and whoever of these has left or been deactivated since.
 * Throws `not_found` for unknown users, `bad_request` when kind and participants do not fit (CONV-1), `forbidden`
 * where only the tenant's admins create this kind, `blocked` when one of a dm has blocked the other or somebody who is
 * named the creator, `conflict` when the key was used for something else or its conversation is gone.
 */
export async function createConversation(
  deps: CreationDeps,
  changer: Changer,
  request: CreateConversation,
  idempotencyKey?: string,
): Promise<Created> {
  const { sql, settingsOf } = deps;
  const repeated = idempotencyKey === undefined ? undefined : await findUnderKey(sql, changer, request, idempotencyKey);
  if (repeated !== undefined) return repeated;

  await checkMayCreate(sql, changer, request.kind);
  const named = await resolveUsers(sql, changer, request.participants, 'participants');
  const settings = await settingsOf(changer.tid);
  const plan = { ...planOf(changer, named, request, idempotencyKey), history: historyOf(request, settings) };
  checkComposition(request, plan.members);
  await checkSettings(sql, changer, settings, request.kind);
  const { cid, creator } = plan;
  const existing = await insert(deps, plan);
  if (existing !== undefined) return { ...existing, created: false };
  return { cid, created: true, creator };
}

/** Asked of the user who creates; the back end creates for whom it likes. */
async function checkMayCreate(sql: Sql, { uid }: Changer, kind: ConversationKind): Promise<void> {
  if (uid === undefined) return;
  const [user] = await db(sql).select({ tenantRole: users.role }).from(users).where(eq(users.id, uid));
  const state = { role: null, muted: false, archived: false, posting: 'all' } as const;
  checkMay('create', { kind, ...state, tenantRole: user?.tenantRole ?? 'guest' });
}

function planOf(
  { tid, uid }: Changer,
  named: readonly string[],
  request: CreateConversation,
  key?: string,
): Omit<Plan, 'history'> {
  const creator = uid ?? named[0];
  if (creator === undefined) {
    const errors = [{ path: 'participants', message: 'names nobody' }];
    throw new ChatError('bad_request', 'participants: names nobody', { errors });
  }
  const cid = key === undefined ? randomUUID() : idOf(tid, uid ?? SERVICE, key);
  return { cid, tid, creator, asker: uid, members: [...new Set([creator, ...named])], request };
}

type Existing = Omit<Created, 'created'>;

async function insert(
  { manage, inTurn, publishEvents }: Pick<ConversationDeps, 'manage' | 'inTurn' | 'publishEvents'>,
  plan: Plan,
): Promise<Existing | undefined> {
  const { tid, cid, creator, members, request } = plan;
  const created = [
    conversationEvent({ tid, cid, event: 'created', users: [...members], access: 0 }),
    ...usersEvents({ tid, cid }, members, { v: 1, event: 'conv', cid, conv: 'created' }),
  ];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const outcome = await inTurn({ tid, uid: creator, of: creator }, () =>
      commitWithEvents(manage, publishEvents, async (tx, emit) => {
        const outcome = await (request.kind === 'dm' ? createDm : createShared)(tx, plan);
        if (outcome === undefined) await emit(...created);
        return outcome;
      }),
    );
    if (outcome !== GONE) return outcome;
  }
  throw new ChatError('conflict', 'the dm is created and deleted again and again');
}

/**
 * What was made under the key before. Those named may have been deactivated since. Former versions derived a back end's ids
 * from the participant that it named first.
 */
async function findUnderKey(
  sql: Sql,
  changer: Changer,
  request: CreateConversation,
  key: string,
): Promise<Created | undefined> {
  const named = await resolveUsers(sql, changer, request.participants, 'participants', true);
  const plan = planOf(changer, named, request, key);
  const former = changer.uid === undefined ? [idOf(changer.tid, plan.creator, key)] : [];
  const { conversationId, deletedAt } = conversations;
  const [found] = await db(sql)
    .select({ cid: conversationId })
    .from(conversations)
    .where(and(isAnyOf(conversationId, [plan.cid, ...former]), isNull(deletedAt)))
    .orderBy(desc(eq(conversationId, plan.cid)))
    .limit(1);
  if (found === undefined) return undefined;
  try {
    return { ...(await findRepeat(sql, { ...plan, cid: found.cid })), created: false };
  } catch (error) {
    // The former version's id may belong to a conversation that the participant created under a key of their own.
    if (found.cid !== plan.cid && error instanceof ChatError && error.code === 'conflict') return undefined;
    throw error;
  }
}

/** The owner of an idempotency key when a back end acts for nobody. */
const SERVICE = 'service';

/** The same key of the same asker always means the same conversation id (a UUID of version 8, made from a hash). */
function idOf(tid: string, asker: string, key: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([tid, asker, key]))
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const usedElsewhere = () => new ChatError('conflict', 'the idempotency key was used for something else');

/** The pair's `dm` was deleted between two statements. */
const GONE = 'gone';

/**
 * Whoever inserts the pair first creates; everybody else waits for that commit and finds it. A conversation that is
 * there without its pair is another pair's: the throw takes back the row that would bind this pair to it. A block stops only
 * a new dm: one that was there is closed by then.
 */
async function createDm(tx: Transaction, plan: Plan): Promise<Existing | typeof GONE | undefined> {
  const [a = '', b = ''] = plan.members.toSorted();
  const { count } = await db(tx)
    .insert(dmPairs)
    .values({ tenantId: plan.tid, userA: a, userB: b, conversationId: plan.cid })
    .onConflictDoNothing();
  if (count === 1) {
    await holdBlocks(tx, [a, b]);
    await checkNotBlocked(tx, a, b);
    if ((await create(tx, plan)) !== undefined) throw usedElsewhere();
    return undefined;
  }
  const { conversationId, deletedAt } = conversations;
  const [pair] = await db(tx)
    .select({ cid: conversationId })
    .from(dmPairs)
    .innerJoin(conversations, and(eq(conversationId, dmPairs.conversationId), isNull(deletedAt)))
    .where(and(eq(dmPairs.tenantId, plan.tid), eq(dmPairs.userA, a), eq(dmPairs.userB, b)));
  return pair === undefined ? GONE : { cid: pair.cid, creator: plan.creator };
}

/** Another kind than a dm: of those who are in it from the start, none has blocked who creates it. */
async function createShared(tx: Transaction, plan: Plan): Promise<Existing | undefined> {
  const existing = await create(tx, plan);
  if (existing === undefined) await checkMayInvite(tx, plan.asker, plan.members);
  return existing;
}

/** Undefined when it was created, else the one that a repeat found. */
async function create(tx: Transaction, plan: Plan): Promise<Existing | undefined> {
  const { cid, tid, creator, members, request, history } = plan;
  const { kind, name = null, topic = null, avatar = null, metadata = {} } = request;
  const own = { kind, name, topic, avatar, metadata, historySinceJoining: history === 'since_joining' };
  const { count } = await db(tx)
    .insert(conversations)
    .values({ conversationId: cid, tenantId: tid, createdBy: creator, ...own })
    .onConflictDoNothing();
  if (count === 0) return findRepeat(tx, plan);
  // Raw SQL: many rows of one array.
  await tx`
    insert into participants (conversation_id, user_id, tenant_id, role)
    select ${cid}::uuid, member, ${tid}::uuid, case when member = ${creator} then ${creatorRole(kind)} else 'member' end
    from unnest(${members}::uuid[]) as member`;
  return undefined;
}

/**
 * Compares what nobody has changed since: a repeat may come after a rename, after somebody left, or after the tenant's
 * settings have changed.
 */
async function findRepeat(
  tx: Sql | Transaction,
  { cid, tid, members, request }: Omit<Plan, 'history'>,
): Promise<Existing> {
  const { kind, name = null, topic = null, avatar = null, metadata = {}, history } = request;
  const sinceJoining = history === undefined ? null : history === 'since_joining';
  // Raw SQL: one long comparison.
  const [found] = await tx<{ creator: string; deleted: boolean; same: boolean }[]>`
    select created_by as creator, deleted_at is not null as deleted, kind = ${kind}
      and (updated_at > created_at or (name, topic, avatar, metadata, history_since_joining) is not distinct from (
        ${name}::text, ${topic}::text, ${avatar}::text, ${JSON.stringify(metadata)}::text::jsonb,
        coalesce(${sinceJoining}::boolean, history_since_joining)
      ))
      and (access_rev > 0 or array(
        select user_id from participants p where p.conversation_id = c.conversation_id order by user_id
      ) = array(select member from unnest(${members}::uuid[]) as member order by member)) as same
    from conversations c where conversation_id = ${cid} and tenant_id = ${tid}`;
  if (found?.deleted === true) throw new ChatError('conflict', 'the conversation of this idempotency key was deleted');
  if (found?.same !== true) throw usedElsewhere();
  return { cid, creator: found.creator };
}
