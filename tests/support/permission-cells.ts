/** Every cell of the table of permissions, and a conversation for each, put into the database as the cell describes it. */
import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { ConversationKind, Role, TenantRole } from '@messagecore/protocol/features';
import { newMid, type TestTenant, type TestUser } from '@messagecore/testkit';
import type { Person, Situation } from '../../services/chat-service/src/core/permissions/permissions.ts';
import { BACK_END, checkMay } from '../../services/chat-service/src/core/permissions/permissions.ts';
import { type Action, type Permission, PERMISSIONS } from '../../services/chat-service/src/core/permissions/table.ts';
import type { Args, OperationName } from './operation-samples.ts';
import type { System } from './system.ts';

export interface Cell {
  readonly action: Action;
  readonly situation: Situation;
  /** Whom the command is directed at. */
  readonly target: Target;
}

/** Of the tenant, who takes part or not. */
export interface Target extends Person {
  readonly role: Role | null;
}

/** A cell with its conversation. */
export interface Scene extends Cell {
  readonly cid: string;
}

/** The users of a tenant: of each role in it one who acts and one whom commands are directed at, and one who is added. */
export interface Cast {
  readonly tenant: TestTenant;
  readonly actors: Readonly<Record<TenantRole, TestUser>>;
  readonly targets: Readonly<Record<TenantRole, TestUser>>;
  readonly newcomer: TestUser;
}

/** A group of all who act: guests mention those to which they belong. */
const GROUP = 'troupe';

export async function newCast({ sql }: Pick<System, 'sql'>, tenant: TestTenant): Promise<Cast> {
  const ofEachRole = async (as: string) => {
    const made = TenantRole.options.map(async (role) => [role, await tenant.user(`${role} ${as}`)] as const);
    return Object.fromEntries(await Promise.all(made)) as Cast['actors'];
  };
  const [actors, targets] = await Promise.all([ofEachRole('who acts'), ofEachRole('who is acted on')]);
  const tid = tenant.tenantId;
  await sql`update users set role = split_part(external_id, ' ', 1) where tenant_id = ${tid}`;
  const newcomer = await tenant.user('newcomer');
  await sql`
    with made as (
      insert into user_groups (id, tenant_id, name, mention_name) values (gen_random_uuid(), ${tid}, ${GROUP}, ${GROUP})
      returning id
    )
    insert into user_group_members (group_id, user_id, tenant_id)
    select made.id, users.id, ${tid} from made, users where tenant_id = ${tid}`;
  const cid = randomUUID();
  // All of them meet in it: a guest names only whom it sees.
  await sql`
    with room as (
      insert into conversations (conversation_id, tenant_id, kind, created_by)
      values (${cid}, ${tid}, 'group', ${newcomer.userId})
    )
    insert into participants (conversation_id, user_id, tenant_id, role)
    select ${cid}, id, ${tid}, 'member' from users where tenant_id = ${tid}`;
  return { tenant, actors, targets, newcomer };
}

export const ACTIONS = Object.keys(PERMISSIONS) as Action[];
type State = Pick<Situation, 'archived' | 'posting' | 'muted'>;
const ORDINARY: State = { archived: false, posting: 'all', muted: false };
const MEMBER: Target = { role: 'member', tenantRole: 'member', muted: false };

/** What the action is asked of: who takes part needs not join, and to create there is nothing that one takes part in. */
const ROLES: Partial<Record<Action, readonly (Role | null)[]>> = { join: [null], askToJoin: [null], create: [null] };
const EVERY_ROLE = [null, ...Role.options] as const;

/** The cells of those who act with one role in the tenant. */
export function cellsOf(tenantRole: TenantRole): Cell[] {
  return cells(tenantRole, rolesOf);
}

export const rolesOf = (action: Action): readonly (Role | null)[] => ROLES[action] ?? EVERY_ROLE;

/** The cells of the tenant's back end, as far as it acts for nobody. */
export function cellsOfBackEnd(): Cell[] {
  return cells(BACK_END.tenantRole, (action) => (FOR_USERS.has(action) ? [] : ['service']));
}

/** What is done in somebody's own name. */
const FOR_USERS: ReadonlySet<Action> = new Set([
  ...([
    'send',
    'mentionAll',
    'mentionGroups',
    'skipSlowMode',
    'type',
    'react',
    'useCards',
    'pin',
    'vote',
    'closePoll',
    'editOwn',
    'recallOwn',
    'recall',
    'join',
    'askToJoin',
    'leave',
  ] as const),
]);

function cells(tenantRole: TenantRole, rolesFor: (action: Action) => readonly Person['role'][]): Cell[] {
  return ACTIONS.flatMap((action) =>
    kindsOf(action).flatMap((kind) =>
      rolesFor(action).flatMap((role) => [
        ...statesOf(action)
          .filter(isPossible(kind, role))
          .map((state): Cell => ({ action, target: MEMBER, situation: { kind, role, tenantRole, ...state } })),
        ...otherTargets(action, kind).map((target): Cell => ({
          action,
          target,
          situation: { kind, role, tenantRole, ...ORDINARY },
        })),
      ]),
    ),
  );
}

/** A dm has no slow mode (`setPosting`); who asks to join a public channel is told to join it. */
const LEFT_OUT: Partial<Record<Action, ConversationKind>> = { skipSlowMode: 'dm', askToJoin: 'public' };
export const kindsOf = (action: Action) => ConversationKind.options.filter((kind) => kind !== LEFT_OUT[action]);

/** The ordinary state, and those that close the action to somebody. */
function statesOf(action: Action): readonly State[] {
  const { closedByArchive, closedByPosting, closedByMute }: Permission = PERMISSIONS[action];
  return [
    ORDINARY,
    ...(closedByArchive === true ? [{ ...ORDINARY, archived: true }] : []),
    ...(closedByPosting === true ? [{ ...ORDINARY, posting: 'admins' as const }] : []),
    ...(closedByMute === true ? [{ ...ORDINARY, muted: true }] : []),
  ];
}

/** Whom it may be directed at does not depend on the kind. Who takes no part has no role to be given another one. */
function otherTargets(action: Action, kind: ConversationKind): readonly Target[] {
  const outside: readonly Target[] = NEEDS_TARGET.has(action) ? [{ ...MEMBER, role: null }] : [];
  if (!('towardsLower' in PERMISSIONS[action]) || kind !== 'group') return outside;
  const all = TARGET_TENANT_ROLES.flatMap((tenantRole) =>
    Role.options.map((role): Target => ({ ...MEMBER, role, tenantRole })),
  );
  return [
    ...all.filter(({ role, tenantRole }) => role !== MEMBER.role || tenantRole !== MEMBER.tenantRole),
    ...outside,
  ];
}

const TARGET_TENANT_ROLES = ['member', 'moderator', 'admin'] as const satisfies readonly TenantRole[];

/** What is done to somebody who takes part alone. */
const NEEDS_TARGET: ReadonlySet<Action> = new Set(['remove', 'mute', 'giveRole'] as const);

/** A mute is of somebody who takes part; in a dm both post. */
const isPossible = (kind: ConversationKind, role: Person['role']) => (state: State) =>
  !(state.muted && (role === null || role === 'service')) && !(state.posting === 'admins' && kind === 'dm');

export type Verdict = 'yes' | ChatError['code'];

/**
 * What the table says. Whoever mentions everybody, or a group, sends; slow mode is told by another code, and whoever adds admins adds. Whether somebody takes part is told to
 * those alone who take part, and to the back end.
 */
export function expected({ action, situation, target }: Cell): Verdict {
  if (target.role === null && NEEDS_TARGET.has(action)) {
    return (situation.role === null ? verdict(action, situation) : undefined) ?? 'not_found';
  }
  if (action === 'mentionAll' || action === 'mentionGroups')
    return verdict('send', situation) ?? verdict(action, situation) ?? 'yes';
  if (action === 'addAdmins') return verdict('add', situation) ?? verdict(action, situation) ?? 'yes';
  // Who owns it stays the owner until somebody else is.
  if (action === 'giveRole' && target.role === 'owner') return verdict(action, situation) ?? 'forbidden';
  if (action !== 'skipSlowMode') return verdict(action, situation, target) ?? 'yes';
  return verdict('send', situation) ?? (verdict(action, situation) === undefined ? 'yes' : 'rate_limited');
}

function verdict(action: Action, situation: Situation, target?: Person): Verdict | undefined {
  try {
    checkMay(action, situation, target);
    return undefined;
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
}

const TEXT = { message_kind: 'text', body: { text: 'old' } };
const CARD = {
  message_kind: 'card',
  body: { title: 'Lunch', elements: [{ type: 'button', id: 'yes', label: 'Yes' }] },
};
const POLL = '{"question":"When?","options":[{"id":"a","text":"now"},{"id":"b","text":"later"}]}';

/** A conversation for each cell: the target's message first, then the actor's, who has just sent in slow mode, then the target's poll. */
export async function setScenes({ sql }: Pick<System, 'sql'>, cast: Cast, cells: readonly Cell[]): Promise<Scene[]> {
  const scenes = cells.map((cell) => ({ ...cell, cid: randomUUID() }));
  const tid = cast.tenant.tenantId;
  const rows = scenes.map(({ cid, action, situation, target }) => ({
    ...{ cid, ...situation, role: situation.role === 'service' ? null : situation.role },
    ...{ target: cast.targets[target.tenantRole].userId, target_role: target.role, target_muted: target.muted },
    ...{ actor: cast.actors[situation.tenantRole].userId, slow: action === 'skipSlowMode' ? 3_600 : 0 },
    ...{ open: action === 'listen' && situation.kind === 'public' },
    ...{ first: newMid(), second: newMid(), third: newMid(), ...(action === 'useCards' ? CARD : TEXT) },
  }));
  await sql`
    with scene as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as scene (
        cid uuid, actor uuid, kind text, archived boolean, posting text, muted boolean, role text, slow int, open boolean,
        target uuid, target_role text, target_muted boolean, first text, second text, third text,
        message_kind text, body json
      )
    ), conversation as (
      insert into conversations (
        conversation_id, tenant_id, kind, created_by, last_seq, archived_at, posting, slow_seconds,
        open_to_listeners
      )
      select cid, ${tid}, kind, actor, 3, case when archived then now() end, posting, slow, open from scene
    ), actor as (
      insert into participants (conversation_id, user_id, tenant_id, role, muted_until)
      select cid, actor, ${tid}, role, case when muted then 'infinity'::timestamptz end from scene where role is not null
    ), target as (
      insert into participants (conversation_id, user_id, tenant_id, role, muted_until)
      select cid, target, ${tid}, target_role, case when target_muted then 'infinity'::timestamptz end from scene
      where target_role is not null
    )
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select cid, seq, ${tid}, mid, sender, 'scene', said, what, now() from scene
    cross join lateral (
      values (1, first, target, message_kind, body), (2, second, actor, message_kind, body),
        (3, third, target, 'poll', ${POLL}::text::json)
    ) as m (seq, mid, sender, said, what)`;
  await sql`
    insert into slow_mode_sends (conversation_id, user_id, tenant_id, sent_at)
    select conversation_id, sender_id, tenant_id, now() from messages join conversations c using (conversation_id, tenant_id)
    where tenant_id = ${tid} and seq = 2 and c.slow_seconds > 0
    on conflict do nothing`;
  return scenes;
}

/** What is said: texts that mention everybody, or a group, where the sender may. */
export const textFor = (action: Action): string =>
  action === 'mentionAll' ? 'hello @all' : action === 'mentionGroups' ? `hello @${GROUP}` : 'new';

/** The operation that does it, and its arguments. None for typing, which is a frame alone. */
export function commandOf(
  { action, situation, target, cid }: Scene,
  cast: Cast,
): readonly [OperationName, Args] | undefined {
  const user = cast.targets[target.tenantRole].userId;
  const users = [cast.newcomer.userId];
  const message = () => ({ mid: newMid(), kind: 'text', body: { text: 'new' } });
  const create = () => ({
    kind: situation.kind,
    participants: situation.kind === 'dm' ? [user] : [user, ...users],
    ...(situation.role === 'service' && { participants: [user, ...users, ...asThird(cast, situation)] }),
  });
  const commands: Record<Exclude<Action, 'type'>, readonly [OperationName, Args]> = {
    create: ['conversations.create', create()],
    see: ['conversations.get', { cid }],
    read: ['messages.list', { cid, after: 0, limit: 1 }],
    export: ['messages.export', { cid, limit: 1 }],
    send: ['messages.send', { cid, ...message() }],
    mentionAll: ['messages.send', { cid, ...message(), body: { text: textFor(action) } }],
    mentionGroups: ['messages.send', { cid, ...message(), body: { text: textFor(action) } }],
    skipSlowMode: ['messages.send', { cid, ...message() }],
    react: ['reactions.add', { cid, seq: 1, emoji: '👍' }],
    useCards: ['cards.act', { cid, seq: 1, action: 'yes', idempotencyKey: 'once' }],
    pin: ['pins.add', { cid, seq: 1 }],
    vote: ['polls.vote', { cid, seq: 3, options: ['a'] }],
    closePoll: ['polls.close', { cid, seq: 3 }],
    editOwn: ['messages.edit', { cid, seq: 2, body: { text: 'new' } }],
    recallOwn: ['messages.recall', { cid, seq: 2 }],
    recall: ['messages.recall', { cid, seq: 1 }],
    seeEdits: ['messages.edits', { cid, seq: 1 }],
    rename: ['conversations.update', { cid, topic: 'new' }],
    change: ['conversations.update', { cid, metadata: { new: true } }],
    setHistory: ['conversations.update', { cid, history: 'since_joining' }],
    setListeners: ['conversations.update', { cid, openToListeners: true }],
    setPosting: ['conversations.update', { cid, posting: 'admins', slowSeconds: 5 }],
    delete: ['conversations.delete', { cid }],
    listen: ['messages.list', { cid, after: 0, limit: 1 }],
    join: ['participants.join', { cid }],
    askToJoin: ['joinRequests.create', { cid, message: 'let me in' }],
    leave: ['participants.leave', { cid }],
    add: ['participants.add', { cid, users }],
    admit: ['joinRequests.list', { cid, limit: 1 }],
    addAdmins: ['participants.add', { cid, users, role: 'admin' }],
    remove: ['participants.remove', { cid, user }],
    mute: ['participants.update', { cid, user, mutedUntil: 8_640_000_000_000_000, muteReason: 'noise' }],
    ban: ['bans.set', { cid, user, reason: 'spam' }],
    giveRole: ['participants.update', { cid, user, role: 'admin' }],
  };
  return action === 'type' ? undefined : commands[action];
}

/** A back end's group has a third, and its dm two. */
const asThird = ({ actors }: Cast, { kind }: Situation) => (kind === 'dm' ? [] : [actors.member.userId]);
