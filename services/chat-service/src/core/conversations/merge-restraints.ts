/**
 * Bans and kept mutes go over with a merge, those of a conversation a piece, under its lock. Of what both have the longer one
 * stays. Where the survivor is banned it does not take part, and a mute that was kept for it mutes it where it does.
 *
 * Raw SQL: whole rows, which are put back as they were.
 */
import type { Role } from '@messagecore/protocol/features';
import type { Transaction } from '../../platform/database/connect.ts';
import type { MergePart } from '../users/merge.saga.ts';
import { type Merging, noteMove, takeMove } from '../users/moves.ts';
import type { Place } from './conversation-transaction.ts';
import { announceOf } from './merge-announcements.ts';
import { endMembership, type Successor } from './remove-participant.ts';

const PART = 'restraints';

/** Rows of `conversation_bans`, `kept_mutes` and `participants`. */
interface Rows {
  readonly fromBan: object | null;
  readonly intoBan: object | null;
  readonly fromMute: object | null;
  readonly intoMute: object | null;
  readonly membership: object | null;
}

interface Before extends Rows {
  readonly restrained: Restrained;
}

export const restraints: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { tid, from, into } = merging;
    const [next] = await tx<{ cid: string }[]>`
      select conversation_id as cid from conversation_bans where user_id = ${from}
      union all select conversation_id from kept_mutes where user_id = ${from}
      limit 1`;
    if (next === undefined) return false;
    const { cid } = next;
    await tx`select from conversations where conversation_id = ${cid} for update`;
    const rows = await readRows(tx, merging, cid);
    // Lifted meanwhile.
    if (rows.fromBan === null && rows.fromMute === null) return true;
    await moveBan(tx, merging, cid);
    await moveMute(tx, merging, cid);
    const restrained = rows.membership === null ? UNRESTRAINED : await restrain({ tx, tid, cid }, into);
    await noteMove(tx, merging, PART, { key: cid, before: { ...rows, restrained } satisfies Before });
    if (restrained.isOut) await announceOf({ tx, tid, cid }, { event: 'removed', users: [into] });
    else if (restrained.mutedUntil !== null) {
      await announceOf({ tx, tid, cid }, { event: 'muted', users: [into], mutedUntil: restrained.mutedUntil });
    }
    return true;
  },
  async moveBack(tx, merging) {
    const move = await takeMove(tx, merging, PART);
    if (move === undefined) return false;
    const { tid, from, into } = merging;
    const cid = move.key;
    const { fromBan, intoBan, fromMute, intoMute, membership, restrained } = move.before as Before;
    await tx`select from conversations where conversation_id = ${cid} for update`;
    await tx`delete from conversation_bans where conversation_id = ${cid} and user_id in (${from}, ${into})`;
    await tx`
      insert into conversation_bans
      select b.* from jsonb_populate_recordset(null::conversation_bans, ${listOf(fromBan, intoBan)}::text::jsonb) b`;
    await tx`delete from kept_mutes where conversation_id = ${cid} and user_id in (${from}, ${into})`;
    await tx`
      insert into kept_mutes
      select m.* from jsonb_populate_recordset(null::kept_mutes, ${listOf(fromMute, intoMute)}::text::jsonb) m`;
    if (membership !== null) await release({ tx, tid, cid }, into, membership, restrained);
    return true;
  },
};

const listOf = (...rows: readonly (object | null)[]) => JSON.stringify(rows.filter((row) => row !== null));

async function readRows(tx: Transaction, { from, into }: Merging, cid: string): Promise<Rows> {
  const [rows] = await tx<Rows[]>`
    select
      (select to_jsonb(b) from conversation_bans b where conversation_id = ${cid} and user_id = ${from}) as "fromBan",
      (select to_jsonb(b) from conversation_bans b where conversation_id = ${cid} and user_id = ${into}) as "intoBan",
      (select to_jsonb(m) from kept_mutes m where conversation_id = ${cid} and user_id = ${from}) as "fromMute",
      (select to_jsonb(m) from kept_mutes m where conversation_id = ${cid} and user_id = ${into}) as "intoMute",
      (select to_jsonb(p) from participants p where conversation_id = ${cid} and user_id = ${into}) as membership`;
  if (rows === undefined) throw new Error('no answer');
  return rows;
}

async function moveBan(tx: Transaction, { from, into }: Merging, cid: string): Promise<void> {
  await tx`
    with gone as (
      delete from conversation_bans where conversation_id = ${cid} and user_id = ${from} returning *
    )
    insert into conversation_bans as b (conversation_id, user_id, tenant_id, banned_by, banned_at, until, reason)
    select conversation_id, ${into}, tenant_id, banned_by, banned_at, until, reason from gone
    on conflict (conversation_id, user_id) do update set
      banned_by = excluded.banned_by, banned_at = excluded.banned_at, until = excluded.until, reason = excluded.reason
    where coalesce(excluded.until, 'infinity') > coalesce(b.until, 'infinity')`;
}

async function moveMute(tx: Transaction, { from, into }: Merging, cid: string): Promise<void> {
  await tx`
    with gone as (
      delete from kept_mutes where conversation_id = ${cid} and user_id = ${from} returning *
    )
    insert into kept_mutes as m (conversation_id, user_id, tenant_id, muted_until, mute_reason)
    select conversation_id, ${into}, tenant_id, muted_until, mute_reason from gone
    on conflict (conversation_id, user_id) do update set
      muted_until = excluded.muted_until, mute_reason = excluded.mute_reason
    where excluded.muted_until > m.muted_until`;
}

/** What became of somebody who takes part. */
export interface Restrained {
  /** Banned, and out. */
  readonly isOut: boolean;
  /** Who has become the owner instead. */
  readonly successor: Successor | null;
  /** The end of the mute that was kept, in milliseconds, where it is longer than the one that was there. */
  readonly mutedUntil: number | null;
}

const UNRESTRAINED: Restrained = { isOut: false, successor: null, mutedUntil: null };

/** A kept mute mutes who takes part; a ban ends the membership, and keeps the mute. */
export async function restrain(place: Place, uid: string): Promise<Restrained> {
  const { tx, cid } = place;
  const [muted] = await tx<{ mutedUntil: number }[]>`
    with kept as (
      delete from kept_mutes where conversation_id = ${cid} and user_id = ${uid} returning *
    )
    update participants p set muted_until = kept.muted_until, mute_reason = kept.mute_reason from kept
    where p.conversation_id = kept.conversation_id and p.user_id = kept.user_id
      and kept.muted_until > greatest(now(), p.muted_until)
    returning least((extract(epoch from p.muted_until) * 1000)::float8, 8.64e15) as "mutedUntil"`;
  const mutedUntil = muted?.mutedUntil ?? null;
  const [banned] = await tx<{ role: Role }[]>`
    select p.role from participants p join conversation_bans b using (conversation_id, user_id)
    where conversation_id = ${cid} and user_id = ${uid} and (b.until is null or b.until > now())`;
  if (banned === undefined) return { ...UNRESTRAINED, mutedUntil };
  const successor = (await endMembership(place, uid, banned.role)) ?? null;
  if (successor !== null) await announceOf(place, { event: 'role', users: [successor.uid] });
  return { isOut: true, successor, mutedUntil };
}

/** The other way round: `membership` is what there was. */
async function release(place: Place, uid: string, membership: object, restrained: Restrained): Promise<void> {
  const { tx, cid } = place;
  const row = JSON.stringify(membership);
  if (!restrained.isOut) {
    if (restrained.mutedUntil === null) return;
    await tx`
      update participants p set muted_until = b.muted_until, mute_reason = b.mute_reason
      from jsonb_populate_record(null::participants, ${row}::text::jsonb) b
      where p.conversation_id = ${cid} and p.user_id = ${uid}`;
    return announceOf(place, { event: 'muted', users: [uid], mutedUntil: await mutedUntilOf(place, uid) });
  }
  await takeOwnershipBack(place, restrained);
  await tx`
    insert into participants
    select * from jsonb_populate_record(null::participants, ${row}::text::jsonb)
    on conflict do nothing`;
  await announceOf(place, { event: 'added', users: [uid] });
}

/** The successor is again what they were. */
export async function takeOwnershipBack(place: Place, { successor }: Pick<Restrained, 'successor'>): Promise<void> {
  if (successor === null) return;
  const { tx, cid } = place;
  await tx`
    update participants set role = ${successor.role}
    where conversation_id = ${cid} and user_id = ${successor.uid} and role = 'owner'`;
  await announceOf(place, { event: 'role', users: [successor.uid] });
}

async function mutedUntilOf({ tx, cid }: Place, uid: string): Promise<number | null> {
  const [row] = await tx<{ until: number | null }[]>`
    select least((extract(epoch from muted_until) * 1000)::float8, 8.64e15) as until from participants
    where conversation_id = ${cid} and user_id = ${uid}`;
  return row?.until ?? null;
}
