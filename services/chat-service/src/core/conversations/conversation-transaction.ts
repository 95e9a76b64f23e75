/**
 * One change of a conversation itself: under its row lock, in one transaction, with the `sys` message that reports it and
 * the events for the room and for the other sessions of those who take part.
 *
 * Invariant: standing is read after the lock is held, so a right that was taken away cannot be used; `seq` and
 * `access_rev` are raised by the lock's holder alone; events and message are committed with the change. When anything
 * throws, nothing happened and nothing is announced.
 *
 * Raw SQL: every change of a conversation goes this way, and the simulation answers these statements.
 */
import { ChatError } from '@messagecore/protocol';
import { type ConvEvent, type UserEvent } from '@messagecore/protocol/bus';
import { type Role, type SysEvent } from '@messagecore/protocol/features';
import { BACK_END, type Person, type Rules, type Situation } from '../permissions/permissions.ts';
import { auditCaller, type Deed } from '../identity/audit-caller.ts';
import type { Reader } from '../identity/caller.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { appendBatch } from '../messages/append-batch.ts';
import type { Committed, Publish } from '../outbox/committed.ts';
import { emit, type EmittedEvent, emitToParticipants, type PublishEvents } from '../outbox/emit.ts';
import { convFrames, conversationEvent, type OutboxEvent, usersEvents } from '../outbox/events.ts';
import type { ChangeQueue } from './change-queue.ts';

/** So many participants are told by name, in the transaction's own rows; more are found by the relay. */
const NAMED = 256;

/** Who asks for the change. */
export type Changer = Reader;

/** What else happens when users take part, in the same transaction; also of those who did already. Returns what is told besides. */
export type OnAdded = (
  tx: Transaction,
  key: ConversationKey,
  users: readonly string[],
) => Promise<readonly OutboxEvent[]>;

/** Names a conversation of a tenant. */
export interface ConversationKey {
  readonly tid: string;
  readonly cid: string;
}

export interface ConversationDeps {
  /** For what is only read. */
  readonly sql: Sql;
  /** For transactions that wait for a conversation; by turns, so that one conversation takes one of its connections. */
  readonly manage: Sql;
  readonly inTurn: ChangeQueue;
  /** Called after the commit; the outbox holds what it is given until it is published. */
  readonly publish: Publish;
  /** The same for the events of the change. */
  readonly publishEvents: PublishEvents;
  /** Makes the `mid` of a `sys` message. */
  readonly newMid: () => string;
  readonly onAdded: readonly OnAdded[];
}

/** Somebody who takes part. */
export interface Participating extends Person {
  readonly role: Role;
}

/** A conversation whose row the transaction has locked, and what the changer is in it. */
export interface LockedConversation {
  readonly tx: Transaction;
  readonly cid: string;
  readonly tid: string;
  readonly head: number;
  /** The membership version before the change. */
  readonly access: number;
  /** Participants may not see what was said before they joined. */
  readonly sinceJoining: boolean;
  readonly openToListeners: boolean;
  /** What the table of permissions asks about the changer. */
  readonly situation: Situation;
  /** Locks nothing more: participants change under the conversation's lock only. */
  personOf(uid: string): Promise<Person>;
  /** Throws `not_found` for somebody who does not take part. */
  participantOf(uid: string): Promise<Participating>;
}

/** The locked conversation itself. */
export type Place = Pick<LockedConversation, 'tx' | 'cid' | 'tid'>;

/** What a change did: reported to the room by a `sys` message and an event, and to all who take part in their other sessions. */
export interface Change<T> {
  readonly result: T;
  readonly event: ConvEvent['event'];
  /** What the `sys` message calls it; without, none is written. */
  readonly sysEvent?: SysEvent;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Those whom it is about. */
  readonly users?: readonly string[];
  /** Whose sessions act on it even if they miss what the room hears: those who come, go, or may do other things now. */
  readonly notify?: readonly string[] | 'participants';
  /** Whether anybody's rights changed. */
  readonly access: boolean;
  readonly mutedUntil?: number | null;
  /** What is told besides. */
  readonly also?: readonly OutboxEvent[];
  /** For the audit log, in this order. */
  readonly audit?: readonly Deed[];
}

/** Several changes at once: all of them happen, or none. Each has a membership version and an event of its own. */
export interface Changes<T> {
  readonly result: T;
  readonly changes: readonly Change<unknown>[];
  /** For the audit log: what nobody else hears of. */
  readonly audit?: readonly Deed[];
}

/** Nothing of the conversation changed. */
interface NoChange<T> {
  readonly result: T;
  readonly event?: undefined;
  /** What is told all the same, and written into the audit log. */
  readonly also?: readonly OutboxEvent[];
  readonly audit?: readonly Deed[];
}

type Work<T> = (locked: LockedConversation) => Promise<Change<T> | Changes<T> | NoChange<T>>;

/** Runs `work` under the lock of `cid`. What it returns may say that there was nothing to change. */
export async function changeConversation<T>(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  work: Work<T>,
): Promise<T> {
  const { result, events, messages } = await deps.inTurn({ ...changer, of: cid }, () =>
    deps.manage.begin(async (tx) => {
      const conversation = await lock(tx, changer, cid);
      const done = await work(conversation);
      const recorded: Recorded[] = [];
      for (const change of changesOf(done))
        recorded.push(await record(tx, conversation, changer, change, deps.newMid()));
      const events = recorded.length > 0 ? await announce(tx, conversation, recorded) : await emit(tx, besides(done));
      await audit(conversation, changer, deedsOf(done));
      return { result: done.result, events, messages: recorded.flatMap(({ committed }) => committed ?? []) };
    }),
  );
  deps.publishEvents(events);
  for (const message of messages) deps.publish(message);
  return result;
}

function changesOf<T>(done: Awaited<ReturnType<Work<T>>>): readonly Change<unknown>[] {
  if ('changes' in done) return done.changes;
  return done.event === undefined ? [] : [done];
}

/** What a work tells that changed nothing. */
function besides(done: Awaited<ReturnType<Work<unknown>>>): readonly OutboxEvent[] {
  return 'changes' in done || done.event !== undefined ? [] : (done.also ?? []);
}

function deedsOf(done: Awaited<ReturnType<Work<unknown>>>): readonly Deed[] {
  const ofChanges = changesOf(done).flatMap(({ audit = [] }) => audit);
  return 'changes' in done || done.event === undefined ? [...(done.audit ?? []), ...ofChanges] : ofChanges;
}

/**
 * Before two participants are changed. Reports of what was read take these rows too, in this order and without the
 * conversation's lock: in another one, each could wait for the other.
 */
export async function lockParticipants({ tx, cid }: Place, users: readonly string[]): Promise<void> {
  await tx`
    select from participants where conversation_id = ${cid} and user_id = any(${users}::uuid[])
    order by user_id for no key update`;
}

type ConversationRow = Pick<LockedConversation, 'head' | 'access' | 'sinceJoining' | 'openToListeners'> & Rules;

async function lock(tx: Transaction, { tid, uid }: Changer, cid: string): Promise<LockedConversation> {
  const [row] = await tx<ConversationRow[]>`
    select kind, last_seq as head, access_rev as access, history_since_joining as "sinceJoining",
      open_to_listeners as "openToListeners", archived_at is not null as archived, posting from conversations
    where conversation_id = ${cid} and tenant_id = ${tid} and deleted_at is null
    for update`;
  if (row === undefined) throw new ChatError('not_found', 'no such conversation');
  const { kind, archived, posting, ...place } = row;
  const personOf = (user: string) => readPerson(tx, { tid, cid, user });
  const changer = uid === undefined ? BACK_END : await personOf(uid);
  return {
    ...{ tx, cid, tid, ...place, personOf },
    situation: { kind, archived, posting, ...changer },
    async participantOf(user) {
      const { role, ...person } = await personOf(user);
      if (role === null || role === 'service') throw new ChatError('not_found', 'no such participant');
      return { role, ...person };
    },
  };
}

/** Somebody who is gone is nobody. */
const NOBODY: Person = { role: null, tenantRole: 'guest', muted: false };

async function readPerson(
  tx: Transaction,
  { tid, cid, user }: { readonly tid: string; readonly cid: string; readonly user: string },
): Promise<Person> {
  const [person] = await tx<Person[]>`
    select p.role, u.role as "tenantRole", coalesce(p.muted_until > now(), false) as muted
    from users u left join participants p on p.conversation_id = ${cid} and p.user_id = u.id
    where u.id = ${user} and u.tenant_id = ${tid}`;
  return person ?? NOBODY;
}

interface Recorded {
  readonly change: Change<unknown>;
  readonly access: number;
  readonly committed: Committed | undefined;
}

/**
 * The membership version after the change, and the `sys` message that reports it. What the back end does in nobody's name
 * is signed with the tenant's id, which is no user's, and says `by: 'service'` (SEQ-10).
 */
async function record(
  tx: Transaction,
  { cid, tid }: LockedConversation,
  { uid }: Changer,
  change: Change<unknown>,
  mid: string,
): Promise<Recorded> {
  const [conversation] = await tx<{ access: number }[]>`
    update conversations set access_rev = access_rev + ${change.access ? 1 : 0}, updated_at = now()
    where conversation_id = ${cid}
    returning access_rev as access`;
  if (conversation === undefined) throw new Error('the conversation vanished under its lock');
  const { access } = conversation;
  if (change.sysEvent === undefined) return { change, access, committed: undefined };
  const { sysEvent: event, users, details } = change;
  const by = uid === undefined ? { by: 'service' } : {};
  const body = JSON.stringify({ event, ...(users && { users }), ...details, ...by });
  const message = { tid, cid, uid: uid ?? tid, mid, clientId: 'service', kind: 'sys', body, byService: true };
  const { outcomes, committed } = await appendBatch(tx, [message], []);
  if (outcomes[0] instanceof ChatError) throw outcomes[0];
  return { change, access, committed };
}

/** Stores the events of the changes. To be published after the commit. */
async function announce(
  tx: Transaction,
  { tid, cid }: LockedConversation,
  recorded: readonly Recorded[],
): Promise<EmittedEvent[]> {
  const participants = await readSmall(tx, cid);
  const events = recorded.map(({ change, access }) => {
    const { event, users, mutedUntil, notify = [], also = [] } = change;
    const named = notify === 'participants' ? (participants ?? []) : notify;
    const about = { ...(users && { users: [...users] }), ...(mutedUntil !== undefined && { mutedUntil }) };
    return { toAll: { tid, cid, event, access, ...about }, named, also };
  });
  if (participants === undefined) {
    await emitToParticipants(
      tx,
      events.map(({ toAll }) => toAll),
    );
  }
  return emit(
    tx,
    events.flatMap(({ toAll, named, also }): OutboxEvent[] => {
      const byName: UserEvent = { v: 1, event: 'conv', cid, conv: toAll.event, access: toAll.access };
      const others = (participants ?? []).filter((uid) => !named.includes(uid));
      return [
        conversationEvent(toAll),
        ...usersEvents({ tid, cid }, named, byName),
        ...convFrames({ tid, cid }, others, toAll),
        ...also,
      ];
    }),
  );
}

/** Who takes part; undefined when these are too many to be named, found out at a cost that has a bound. */
async function readSmall(tx: Transaction, cid: string): Promise<readonly string[] | undefined> {
  const rows = await tx<{ uid: string }[]>`
    select user_id as uid from participants where conversation_id = ${cid} order by user_id limit ${NAMED + 1}`;
  return rows.length > NAMED ? undefined : rows.map(({ uid }) => uid);
}

/** Last: others who append to the log of the tenant wait from here on. */
async function audit({ tx, cid }: LockedConversation, changer: Changer, deeds: readonly Deed[]) {
  for (const deed of deeds) await auditCaller(tx, changer, { ...deed, after: { cid, ...deed.after } });
}
