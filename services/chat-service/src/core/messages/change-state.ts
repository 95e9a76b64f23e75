/**
 * The state that changes of messages are applied to, read under the conversation's lock.
 *
 * Raw SQL: every change goes through it; by arrays, and tables that are described above.
 */
import type { RpcItem } from '@messagecore/protocol/bus';
import type { Person, Rules } from '../permissions/permissions.ts';
import { tokenGeneration } from '../identity/token-generation.ts';
import type { Change } from './message-changes.ts';
import { canonicalReaction } from './reactions.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { frameColumns, type FrameRow } from './frames.ts';

/** Of the service itself where it changes what no user asks for; `uid` is the tenant then. */
export type ChangeRequest = Omit<RpcItem<'change'>, 'change'> & { readonly change: Change };

/** One change of one message; `after.rev` is its own. */
export interface MessageChange {
  readonly item: ChangeRequest;
  readonly before: FrameRow;
  readonly after: FrameRow;
}

export interface LockedConversation extends Rules {
  readonly rev: number;
  /** Participants may not see what was said before they joined. */
  readonly sinceJoining: boolean;
  /** The database's time, milliseconds. */
  readonly now: number;
  readonly editWindowMs: number | undefined;
  readonly recallWindowMs: number | undefined;
}

export interface ChangingParticipant extends Person {
  /** Oldest message that the user may see where history is shown since joining. */
  readonly historyFrom: number;
}

export interface ChangeState {
  readonly participants: ReadonlyMap<string, ChangingParticipant>;
  /** What speaks against the token by which it is asked for; nothing where it names none. */
  refusalOf(item: ChangeRequest): 'unauthorized' | 'tenant_suspended' | undefined;
  readonly messages: ReadonlyMap<number, FrameRow>;
  reacted(seq: number, uid: string, emoji: string): boolean;
  /** What a user has voted for. */
  vote(seq: number, uid: string): readonly string[];
  /** Pinned messages of the conversation; 0 where none is to be pinned. */
  readonly pins: number;
  /** Makes later changes of the batch see this one. */
  remember(item: ChangeRequest, after: FrameRow): void;
}

/** Locks the row that orders the conversation's changes. Undefined, and nothing locked, when the tenant has none such. */
export async function lockConversation(
  tx: Transaction,
  tid: string,
  cid: string,
): Promise<LockedConversation | undefined> {
  const [row] = await tx<(LockedConversation & { editWindow: number | null; recallWindow: number | null })[]>`
    select last_rev as rev, kind, archived_at is not null as archived, posting, history_since_joining as "sinceJoining",
      (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
      (select (settings ->> 'editWindowSeconds')::float8 * 1000 from tenants where id = tenant_id) as "editWindow",
      (select (settings ->> 'recallWindowSeconds')::float8 * 1000 from tenants where id = tenant_id) as "recallWindow"
    from conversations where conversation_id = ${cid} and tenant_id = ${tid} and deleted_at is null
    for no key update`;
  const { editWindow, recallWindow } = row ?? {};
  return row && { ...row, editWindowMs: editWindow ?? undefined, recallWindowMs: recallWindow ?? undefined };
}

/** Only after the lock: a statement sees what was committed before it began. */
export async function readChangeState(
  tx: Transaction,
  cid: string,
  items: readonly ChangeRequest[],
): Promise<ChangeState> {
  const [{ participants, tokens }, messages, reactions, votes, pinned] = await Promise.all([
    readParticipants(tx, cid, items),
    readMessages(tx, cid, items),
    readReactions(tx, cid, items),
    readVotes(tx, cid, items),
    countPins(tx, cid, items),
  ]);
  let pins = pinned;
  return {
    get pins() {
      return pins;
    },
    participants,
    messages,
    refusalOf({ uid, token }) {
      if (token === undefined) return undefined;
      const { generation, tenantStatus } = tokens.get(byDevice(uid, token.device)) ?? {};
      if (tenantStatus === 'suspended') return 'tenant_suspended';
      return tenantStatus === 'active' && generation === token.generation ? undefined : 'unauthorized';
    },
    reacted: (seq, uid, emoji) => reactions.has(keyOf(seq, uid, emoji)),
    vote: (seq, uid) => votes.get(voterOf(seq, uid)) ?? [],
    remember({ seq, uid, change }, after) {
      pins += Number(after.pinned) - Number(messages.get(seq)?.pinned ?? false);
      messages.set(seq, after);
      if (change.t === 'vote') votes.set(voterOf(seq, uid), change.options);
      if (change.t !== 'react') return;
      if (change.on) reactions.add(keyOf(seq, uid, change.emoji));
      else reactions.delete(keyOf(seq, uid, change.emoji));
    },
  };
}

async function readParticipants(tx: Transaction, cid: string, items: readonly ChangeRequest[]) {
  const asked = [
    ...new Map(items.map(({ uid, token }) => [byDevice(uid, token?.device), [uid, token?.device]])).values(),
  ];
  const rows = await tx<(ChangingParticipant & TokenRow)[]>`
    select p.user_id as uid, p.role, u.role as "tenantRole", coalesce(p.muted_until > now(), false) as muted,
      p.history_from as "historyFrom", asked.device, ${tokenGeneration(tx)} as generation,
      (select t.status from tenants t where t.id = u.tenant_id) as "tenantStatus"
    from unnest(
      ${asked.map(([uid]) => uid ?? '')}::uuid[], ${asked.map(([, device]) => device ?? null)}::text[]
    ) as asked (user_id, device)
    join participants p on p.conversation_id = ${cid} and p.user_id = asked.user_id join users u on u.id = p.user_id
    left join devices d on d.user_id = asked.user_id and d.client_id = asked.device`;
  return {
    participants: new Map(rows.map((row) => [row.uid, row])),
    tokens: new Map(rows.map((row) => [byDevice(row.uid, row.device), row])),
  };
}

interface TokenRow {
  readonly uid: string;
  readonly device: string | null;
  readonly generation: number;
  readonly tenantStatus: string;
}

const byDevice = (uid: string, device: string | null | undefined) => `${uid} ${device ?? ''}`;

async function readMessages(tx: Transaction, cid: string, items: readonly ChangeRequest[]) {
  const rows = await tx<FrameRow[]>`
    select ${frameColumns(tx)} from messages m
    where m.conversation_id = ${cid} and m.seq = any(${[...new Set(items.map(({ seq }) => seq))]}::bigint[])`;
  return new Map(rows.map((row) => [row.seq, row]));
}

async function readReactions(tx: Transaction, cid: string, items: readonly ChangeRequest[]) {
  const asked = items.flatMap(({ seq, uid, change }) =>
    change.t === 'react' ? spellingsOf(change.emoji).map((emoji) => ({ seq, uid, emoji })) : [],
  );
  if (asked.length === 0) return new Set<string>();
  const rows = await tx<{ seq: number; uid: string; emoji: string }[]>`
    select seq, user_id as uid, emoji from reactions
    join unnest(
      ${asked.map(({ seq }) => seq)}::bigint[], ${asked.map(({ uid }) => uid)}::uuid[],
      ${asked.map(({ emoji }) => emoji)}::text[]
    ) as asked (seq, user_id, emoji) using (seq, user_id, emoji)
    where conversation_id = ${cid}`;
  return new Set(rows.map(({ seq, uid, emoji }) => keyOf(seq, uid, emoji)));
}

async function readVotes(
  tx: Transaction,
  cid: string,
  items: readonly ChangeRequest[],
): Promise<Map<string, readonly string[]>> {
  const asked = items.filter(({ change }) => change.t === 'vote');
  if (asked.length === 0) return new Map();
  const rows = await tx<{ seq: number; uid: string; options: string[] }[]>`
    select seq, user_id as uid, array_agg(option) as options from poll_votes
    join (
      select distinct * from unnest(
        ${asked.map(({ seq }) => seq)}::bigint[], ${asked.map(({ uid }) => uid)}::uuid[]
      ) as asked (seq, user_id)
    ) asked using (seq, user_id)
    where conversation_id = ${cid} group by seq, user_id`;
  return new Map(rows.map(({ seq, uid, options }) => [voterOf(seq, uid), options]));
}

async function countPins(tx: Transaction, cid: string, items: readonly ChangeRequest[]): Promise<number> {
  if (!items.some(({ change }) => change.t === 'pin' && change.on)) return 0;
  const [row] = await tx<{ pins: number }[]>`
    select count(*)::int as pins from messages where conversation_id = ${cid} and pinned_at is not null`;
  return row?.pins ?? 0;
}

/** As asked, and as it is stored: earlier versions stored what was asked. */
function spellingsOf(emoji: string): string[] {
  const canonical = canonicalReaction(emoji);
  return canonical === undefined || canonical === emoji ? [emoji] : [emoji, canonical];
}

const keyOf = (seq: number, uid: string, emoji: string) => `${seq} ${uid} ${emoji}`;

const voterOf = (seq: number, uid: string) => `${seq} ${uid}`;
