import { createHash, randomUUID } from 'node:crypto';
import { ChatError, type CreateConversation } from '@messagecore/protocol';
import { checkComposition, creatorRole } from '../domain/kinds.ts';
import { resolveUsers } from '../read/users.ts';
import type { Transaction } from '../store/connect.ts';
import type { Changer, ConversationDeps } from './in-conversation.ts';
import { underLimit } from './under-limit.ts';

export interface Created {
  readonly cid: string;
  /** False when it was there already: the pair's `dm`, or a repeat under the same key. */
  readonly created: boolean;
  /** Whoever acts from here on: the changer, or the first participant when the back end named nobody. */
  readonly creator: string;
}

interface Plan {
  readonly cid: string;
  readonly tid: string;
  readonly creator: string;
  readonly members: readonly string[];
  readonly request: CreateConversation;
}

/** What a conversation counts for at least, in memberships: its own rows and events. */
const LEAST_MEMBERSHIPS = 5;

/**
 * Creates a conversation, once for a pair's `dm` and once for an idempotency key, however many ask at the same time.
 * Throws `not_found` for unknown users, `bad_request` when kind and participants do not fit (CONV-1), `conflict` when
 * the key was used for something else or its conversation is gone, `rate_limited` beyond the memberships of the user or
 * the tenant.
 */
export function createConversation(
  deps: ConversationDeps,
  { tid, uid }: Changer,
  request: CreateConversation,
  idempotencyKey?: string,
): Promise<Created> {
  const memberships = Math.max(LEAST_MEMBERSHIPS, request.participants.length);
  return underLimit(deps.limits, { tid, uid, cost: 0, memberships }, () =>
    createNow(deps, { tid, uid }, request, idempotencyKey),
  );
}

async function createNow(
  { sql, manage, inTurn, announcer, tellUsers }: ConversationDeps,
  { tid, uid }: Changer,
  request: CreateConversation,
  idempotencyKey?: string,
): Promise<Created> {
  const named = await resolveUsers(sql, tid, request.participants, 'participants');
  const creator = uid ?? named[0];
  if (creator === undefined) {
    const errors = [{ path: 'participants', message: 'names nobody' }];
    throw new ChatError('bad_request', 'participants: names nobody', { errors });
  }
  const members = [...new Set([creator, ...named])];
  checkComposition(request.kind, members, request.name);
  const cid = idempotencyKey === undefined ? randomUUID() : idOf(tid, creator, idempotencyKey);
  const plan: Plan = { cid, tid, creator, members, request };

  const existing = await inTurn({ tid, uid: creator, of: creator }, () =>
    manage.begin((tx) => (request.kind === 'dm' ? createDm(tx, plan) : create(tx, plan))),
  );
  if (existing !== undefined) return { cid: existing, created: false, creator };

  announcer.conversation({ tid, cid, event: 'created', users: members, access: 0 });
  await tellUsers({ tid, cid, event: { v: 1, event: 'conv', cid, conv: 'created' } }, [members]);
  return { cid, created: true, creator };
}

/** The same key of the same creator always means the same conversation id (a UUID of version 8, made from a hash). */
function idOf(tid: string, creator: string, key: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([tid, creator, key]))
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const usedElsewhere = () => new ChatError('conflict', 'the idempotency key was used for something else');

/**
 * Whoever inserts the pair first creates; everybody else waits for that commit and finds it. A conversation that is
 * there without its pair is another pair's: the throw takes back the row that would bind this pair to it.
 */
async function createDm(tx: Transaction, plan: Plan): Promise<string | undefined> {
  const [a = '', b = ''] = plan.members.toSorted();
  const [first] = await tx`
    insert into dm_pairs (tenant_id, user_a, user_b, conversation_id) values (${plan.tid}, ${a}, ${b}, ${plan.cid})
    on conflict do nothing returning conversation_id`;
  if (first !== undefined) {
    if ((await create(tx, plan)) !== undefined) throw usedElsewhere();
    return undefined;
  }
  const [pair] = await tx<{ cid: string }[]>`
    select conversation_id as cid from dm_pairs where tenant_id = ${plan.tid} and user_a = ${a} and user_b = ${b}`;
  if (pair === undefined) throw new ChatError('conflict', 'the dm was deleted just now: try again');
  return pair.cid;
}

/** Undefined when it was created, else the id of the one that a repeat found. */
async function create(tx: Transaction, plan: Plan): Promise<string | undefined> {
  const { cid, tid, creator, members, request } = plan;
  const { kind, name = null, topic = null, avatar = null, metadata = {} } = request;
  const [created] = await tx`
    insert into conversations (conversation_id, tenant_id, kind, name, topic, avatar, metadata, created_by)
    values (${cid}, ${tid}, ${kind}, ${name}, ${topic}, ${avatar}, ${JSON.stringify(metadata)}::text::jsonb, ${creator})
    on conflict do nothing returning conversation_id`;
  if (created === undefined) return findRepeat(tx, plan);
  await tx`
    insert into participants (conversation_id, user_id, tenant_id, role)
    select ${cid}::uuid, member, ${tid}::uuid, case when member = ${creator} then ${creatorRole(kind)} else 'member' end
    from unnest(${members}::uuid[]) as member`;
  return undefined;
}

/** Compares what nobody has changed since: a repeat may come after a rename, or after somebody left. */
async function findRepeat(tx: Transaction, { cid, members, request }: Plan): Promise<string> {
  const { kind, name = null, topic = null, avatar = null, metadata = {} } = request;
  const [found] = await tx`
    select from conversations c
    where conversation_id = ${cid} and kind = ${kind} and deleted_at is null
      and (updated_at > created_at or (name, topic, avatar, metadata) is not distinct from
        (${name}::text, ${topic}::text, ${avatar}::text, ${JSON.stringify(metadata)}::text::jsonb))
      and (access_rev > 0 or array(
        select user_id from participants p where p.conversation_id = c.conversation_id order by user_id
      ) = array(select member from unnest(${members}::uuid[]) as member order by member))`;
  if (found === undefined) throw usedElsewhere();
  return cid;
}
