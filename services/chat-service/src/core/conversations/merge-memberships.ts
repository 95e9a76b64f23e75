/**
 * Memberships go over with a merge, a conversation a piece, under its lock. Where both take part the survivor gets the
 * higher role, the further read position and the longer mute; where the survivor is banned the membership ends. A dm goes over
 * to the survivor, closed when one of the two blocks the other, unless the survivor has one with the same user, or is that
 * user: then it is archived, and both keep what was said.
 *
 * Raw SQL: whole rows, which are put back as they were.
 */
import { LIMITS } from '@messagecore/protocol';
import type { Transaction } from '../../platform/database/connect.ts';
import type { MergePart } from '../users/merge.saga.ts';
import { type Merging, noteMove, takeMove } from '../users/moves.ts';
import { emit } from '../outbox/emit.ts';
import { conversationEvent, usersEvents } from '../outbox/events.ts';
import { holdBlocks } from '../users/blocks.ts';
import { closeOrOpen, NEVER_MS } from './block-user.ts';
import type { Place } from './conversation-transaction.ts';
import { announceOf } from './merge-announcements.ts';
import { restrain, type Restrained, takeOwnershipBack } from './merge-restraints.ts';

const PART = 'memberships';

/** What becomes of mutes, bans and ownership. */
interface Restraint {
  /** Of `kept_mutes`, the survivor's. */
  readonly kept: object | null;
  readonly restrained: Pick<Restrained, 'isOut' | 'successor'>;
}

/** Versions before noted no restraint, and closed no dm. */
interface Before extends Partial<Restraint> {
  /** Rows of `participants`. */
  readonly from: object;
  readonly into: object | null;
  /** Whether the conversation was the merged user's dm with `peer`, and was archived, or closed, by the move. */
  readonly peer: string | null;
  readonly archived: boolean;
  readonly closed?: boolean;
}

export const memberships: MergePart = {
  name: PART,
  async move(tx, merging) {
    const { from, into } = merging;
    const [next] = await tx<{ cid: string }[]>`
      select conversation_id as cid from participants where user_id = ${from} order by conversation_id limit 1`;
    if (next === undefined) return false;
    const { cid } = next;
    const room = await lock(tx, cid);
    const rows = await tx<{ uid: string; row: object }[]>`
      select user_id as uid, to_jsonb(p) as row from participants p
      where conversation_id = ${cid} and user_id in (${from}, ${into}) order by user_id for no key update`;
    const rowOf = (uid: string) => rows.find((each) => each.uid === uid)?.row;
    const own = rowOf(from);
    // The user has left meanwhile.
    if (own === undefined) return true;
    const other = rowOf(into) ?? null;
    const place = { tx, cid, tid: merging.tid };
    const { kept, restrained }: Restraint =
      other === null ? await handOver(place, merging) : { kept: null, restrained: await unite(tx, merging, cid) };
    const { pair, ...dm } = room.kind === 'dm' ? await moveDm(tx, merging, cid) : NO_DM;
    const before: Before = { from: own, into: other, kept, restrained, ...dm };
    await noteMove(tx, merging, PART, { key: cid, before });
    if (restrained.isOut) await announceOf(place, { event: 'removed', users: [from] });
    else await announce(place, from, into);
    if (dm.closed) await announceOf(place, { event: 'muted', users: pair, mutedUntil: NEVER_MS });
    return true;
  },
  async moveBack(tx, merging) {
    const move = await takeMove(tx, merging, PART);
    if (move === undefined) return false;
    const { from, into } = merging;
    const cid = move.key;
    const before = move.before as Before;
    const place = { tx, cid, tid: merging.tid };
    await lock(tx, cid);
    if (before.into === null) {
      await tx`delete from participants where conversation_id = ${cid} and user_id = ${into}`;
      if (before.kept !== undefined) await putKeptBack(tx, cid, into, before.kept);
      if (before.restrained !== undefined) await takeOwnershipBack(place, before.restrained);
    } else {
      await tx`
        update participants p set role = b.role, muted_until = b.muted_until, mute_reason = b.mute_reason, history_from = b.history_from,
          last_read_seq = case when p.last_read_seq = a.last_read_seq then b.last_read_seq else p.last_read_seq end
        from jsonb_populate_record(null::participants, ${JSON.stringify(before.into)}::text::jsonb) b,
          jsonb_populate_record(null::participants, ${JSON.stringify(before.from)}::text::jsonb) a
        where p.conversation_id = ${cid} and p.user_id = ${into}`;
    }
    await tx`
      insert into participants
      select * from jsonb_populate_record(null::participants, ${JSON.stringify(before.from)}::text::jsonb)
      on conflict do nothing`;
    if (before.peer !== null) await moveDmBack(tx, merging, cid, before.peer);
    if (before.closed === true) {
      await tx`update participants set muted_until = null where conversation_id = ${cid} and user_id = ${before.peer}`;
    }
    if (before.archived) await tx`update conversations set archived_at = null where conversation_id = ${cid}`;
    await announce(place, into, from);
    if (before.closed === true && before.peer !== null) {
      await announceOf(place, { event: 'muted', users: [from, before.peer], mutedUntil: null });
    }
    return true;
  },
};

async function lock(tx: Transaction, cid: string): Promise<{ kind: string }> {
  const [row] = await tx<{ kind: string }[]>`
    select kind from conversations where conversation_id = ${cid} for update`;
  if (row === undefined) throw new Error(`no conversation ${cid}`);
  return row;
}

/** The row becomes the survivor's, who is muted and banned there as before; it stays pinned as far as the survivor may have one more. */
async function handOver(place: Place, { from, into }: Merging): Promise<Restraint> {
  const { tx, cid } = place;
  const [mute] = await tx<{ kept: object }[]>`
    select to_jsonb(m) as kept from kept_mutes m where conversation_id = ${cid} and user_id = ${into}`;
  await tx`
    with gone as (
      delete from participants p where conversation_id = ${cid} and user_id = ${from} returning to_jsonb(p) as row
    )
    insert into participants
    select (jsonb_populate_record(null::participants, row || jsonb_build_object('user_id', ${into}::text, 'pinned',
      (row ->> 'pinned')::boolean and (
        select count(*) from participants own where own.user_id = ${into} and own.pinned
      ) < ${LIMITS.pinnedConversations}))).* from gone`;
  return { kept: mute?.kept ?? null, restrained: await restrain(place, into) };
}

async function putKeptBack(tx: Transaction, cid: string, uid: string, kept: object | null): Promise<void> {
  await tx`delete from kept_mutes where conversation_id = ${cid} and user_id = ${uid}`;
  if (kept === null) return;
  await tx`
    insert into kept_mutes
    select * from jsonb_populate_record(null::kept_mutes, ${JSON.stringify(kept)}::text::jsonb)`;
}

/** The survivor's row takes what is more of each; one mute is enough to mute. */
async function unite(tx: Transaction, { from, into }: Merging, cid: string): Promise<Restraint['restrained']> {
  await tx`
    with gone as (
      delete from participants where conversation_id = ${cid} and user_id = ${from} returning *
    )
    update participants p set
      role = case when 'owner' in (p.role, gone.role) then 'owner' when 'admin' in (p.role, gone.role) then 'admin'
        else 'member' end,
      muted_until = greatest(p.muted_until, gone.muted_until),
      mute_reason = case when gone.muted_until > coalesce(p.muted_until, '-infinity') then gone.mute_reason
        else p.mute_reason end,
      last_read_seq = greatest(p.last_read_seq, gone.last_read_seq),
      history_from = least(p.history_from, gone.history_from)
    from gone where p.conversation_id = ${cid} and p.user_id = ${into}`;
  return { isOut: false, successor: null };
}

interface MovedDm extends Pick<Before, 'peer' | 'archived' | 'closed'> {
  /** The two of it now. */
  readonly pair: readonly string[];
}

const NO_DM: MovedDm = { peer: null, archived: false, closed: false, pair: [] };

/**
 * The pair's one dm stays the pair's; another one is archived. With the blocks held, as when a dm begins: whoever blocks after
 * that finds it.
 */
async function moveDm(tx: Transaction, { tid, from, into }: Merging, cid: string): Promise<MovedDm> {
  const [dm] = await tx<{ peer: string }[]>`
    delete from dm_pairs where tenant_id = ${tid} and conversation_id = ${cid} and ${from} in (user_a, user_b)
    returning case when user_a = ${from} then user_b else user_a end as peer`;
  if (dm === undefined) return NO_DM;
  const { peer } = dm;
  const pair = [into, peer].toSorted();
  const { count } = peer === into ? { count: 0 } : await insertPair(tx, tid, pair, cid);
  if (count === 1) {
    await holdBlocks(tx, pair);
    const { mutedUntil = null } = await closeOrOpen({ tx, cid }, pair);
    return { peer, archived: false, closed: mutedUntil !== null, pair };
  }
  const archived = await tx`
    update conversations set archived_at = now() where conversation_id = ${cid} and archived_at is null`;
  return { peer, archived: archived.count === 1, closed: false, pair };
}

async function moveDmBack(tx: Transaction, { tid, from, into }: Merging, cid: string, peer: string): Promise<void> {
  await tx`delete from dm_pairs where tenant_id = ${tid} and conversation_id = ${cid} and ${into} in (user_a, user_b)`;
  await insertPair(tx, tid, [from, peer].toSorted(), cid);
}

function insertPair(tx: Transaction, tid: string, pair: readonly string[], cid: string) {
  const [a = '', b = ''] = pair;
  return tx`
    insert into dm_pairs (tenant_id, user_a, user_b, conversation_id) values (${tid}, ${a}, ${b}, ${cid})
    on conflict do nothing`;
}

/** One takes the place of the other. */
async function announce({ tx, tid, cid }: Place, gone: string, come: string): Promise<void> {
  const [row] = await tx<{ access: number }[]>`
    update conversations set access_rev = access_rev + 2, updated_at = now() where conversation_id = ${cid}
    returning access_rev as access`;
  const access = row?.access ?? 0;
  const toUser = { v: 1, event: 'conv', cid, conv: 'added', access } as const;
  await emit(tx, [
    conversationEvent({ tid, cid, event: 'removed', users: [gone], access: access - 1 }),
    conversationEvent({ tid, cid, event: 'added', users: [come], access }),
    ...usersEvents({ tid, cid }, [come], toUser),
  ]);
}
