/**
 * What a merged user was invited to, asked for and opened for others goes over to the survivor, a conversation a piece, under
 * the conversation's lock. What is open to the survivor where it takes part now ends. What the survivor has itself stays as it
 * is, nobody invites themselves, and beyond the bounds of one user nothing goes over. What has ended since does not come back.
 *
 * Raw SQL: whole rows, which are put back as they were, of tables that name users in different columns.
 */
import { randomUUID } from 'node:crypto';
import type { MergePart } from '../../core/users/merge.saga.ts';
import { emit } from '../../core/outbox/emit.ts';
import { type OutboxEvent, userEvent } from '../../core/outbox/events.ts';
import { type Merging, noteMove, takeMove } from '../../core/users/moves.ts';
import type { Fragment, Transaction } from '../../platform/database/connect.ts';
import { BOUNDS, holdBounds } from './bounds.ts';
import { tellAdmins } from './join-request-events.ts';

interface Row {
  readonly conversation_id: string;
  readonly user_id?: string;
  readonly invited_by?: string | null;
  readonly created_by?: string | null;
}

/** In one conversation: the rows that are gone, and those that have come. */
interface Before {
  readonly gone: readonly Row[];
  readonly come: readonly Row[];
}

interface Ways {
  readonly table: 'invitations' | 'invitation_links' | 'join_requests';
  /** Rows that go over, or end. */
  readonly isConcerned: (tx: Transaction, merging: Merging) => Fragment;
  /** Columns that tell one row from all others. */
  readonly key: readonly string[];
  /** How many a user may have open, and who hears of those that come and go. */
  readonly most?: number;
  readonly tell?: (tx: Transaction, merging: Merging, cid: string, rows: Before) => Promise<readonly OutboxEvent[]>;
}

const isOver = (tx: Transaction, into: string) => tx`
  user_id = ${into} and exists (select from participants p where p.conversation_id = ways.conversation_id and p.user_id = ${into})`;

const WAYS: readonly Ways[] = [
  {
    table: 'invitations',
    isConcerned: (tx, { from, into }) => tx`(user_id = ${from} or invited_by = ${from} or ${isOver(tx, into)})`,
    key: ['conversation_id', 'user_id', 'created_at'],
    most: BOUNDS.invitationsOfUser.most,
    async tell(_tx, { tid }, cid, { gone, come }) {
      const { before, after } = usersOf({ gone, come });
      const to = (uid: string, conv: 'invited' | 'uninvited') =>
        userEvent(tid, uid, { v: 1, event: 'conv', cid, conv });
      return [...before.map((uid) => to(uid, 'uninvited')), ...after.map((uid) => to(uid, 'invited'))];
    },
  },
  {
    table: 'invitation_links',
    isConcerned: (tx, { from }) => tx`created_by = ${from}`,
    key: ['conversation_id', 'id'],
  },
  {
    table: 'join_requests',
    isConcerned: (tx, { from, into }) => tx`(user_id = ${from} or ${isOver(tx, into)})`,
    key: ['conversation_id', 'user_id', 'created_at'],
    most: BOUNDS.requestsOfUser.most,
    tell: (tx, { tid }, cid, { come }) => tellAdmins(tx, { tid, cid }, come.length > 0 ? 'requested' : 'unrequested'),
  },
];

/** Who has nothing open here any more, and who has now. */
function usersOf({ gone, come }: Before) {
  const [were, are] = [gone, come].map((rows) => rows.flatMap(({ user_id: uid }) => uid ?? []));
  return {
    before: (were ?? []).filter((uid) => !are?.includes(uid)),
    after: (are ?? []).filter((uid) => !were?.includes(uid)),
  };
}

export const mergeWays: readonly MergePart[] = WAYS.map((ways) => ({
  name: ways.table,
  async move(tx, merging) {
    const { table, isConcerned, tell } = ways;
    const [next] = await tx<{ cid: string }[]>`
      select conversation_id as cid from ${tx(table)} ways where ${isConcerned(tx, merging)} limit 1`;
    if (next === undefined) return false;
    const { cid } = next;
    await hold(tx, merging, cid);
    const gone = rowsOf(
      await tx`
        delete from ${tx(table)} ways where conversation_id = ${cid} and ${isConcerned(tx, merging)}
        returning to_jsonb(ways) as row`,
    );
    const come = await insert(tx, table, await heirsOf(tx, merging, ways, { cid, gone }));
    await noteMove(tx, merging, table, { key: randomUUID(), before: { gone, come } satisfies Before });
    if (tell && gone.length > 0) await emit(tx, await tell(tx, merging, cid, { gone, come }));
    return true;
  },
  async moveBack(tx, merging) {
    const { table, key, tell } = ways;
    const move = await takeMove(tx, merging, table);
    if (move === undefined) return false;
    const { gone, come } = move.before as Before;
    const cid = gone[0]?.conversation_id;
    if (cid === undefined) return true;
    await hold(tx, merging, cid);
    const left = rowsOf(
      await tx`
        delete from ${tx(table)} ways where (${tx(key)}) in (select ${tx(key)} from ${recordsOf(tx, table, come)})
        returning to_jsonb(ways) as row`,
    );
    const back = await insert(tx, table, returning(merging, ways, { gone, come }, left));
    if (tell && left.length + back.length > 0) await emit(tx, await tell(tx, merging, cid, { gone: left, come: back }));
    return true;
  },
}));

/** In the order in which everybody else takes them, so that nobody waits for the other. */
async function hold(tx: Transaction, { into }: Merging, cid: string): Promise<void> {
  await tx`select from conversations where conversation_id = ${cid} for update`;
  await holdBounds(tx, cid, [into]);
}

/** What the rows are with the survivor in the merged user's place, of those that may be. */
async function heirsOf(
  tx: Transaction,
  { from, into }: Merging,
  { table, most = Infinity }: Ways,
  { cid, gone }: { readonly cid: string; readonly gone: readonly Row[] },
): Promise<readonly Row[]> {
  const heirs = gone.map((row) => withUser(row, from, into));
  const isForSurvivor = ({ user_id: uid }: Row) => uid === into;
  if (!heirs.some(isForSurvivor)) return heirs;
  const [room] = await tx<{ taken: boolean; open: number }[]>`
    select exists (select from participants where conversation_id = ${cid} and user_id = ${into}) as taken,
      (select count(*)::int from ${tx(table)} where user_id = ${into} and expires_at > now()) as open`;
  const isFull = room === undefined || room.taken || room.open >= most;
  return heirs.filter((row) => !isForSurvivor(row) || !(isFull || row.invited_by === into));
}

/** What is put back of the rows that are gone: of one that went over, what is left of it, unless it has ended meanwhile. */
function returning(
  { from, into }: Merging,
  { key }: Ways,
  { gone, come }: Before,
  left: readonly Row[],
): readonly Row[] {
  const keyOf = (row: Row) => key.map((column) => Reflect.get(row, column)).join(' ');
  const [went, leftNow] = [new Set(come.map(keyOf)), new Map(left.map((row) => [keyOf(row), row]))];
  return gone.flatMap((row) => {
    const heir = keyOf(withUser(row, from, into));
    if (!went.has(heir)) return [row];
    const now = leftNow.get(heir);
    return now === undefined ? [] : [{ ...now, ...usersIn(row) }];
  });
}

const usersIn = (row: Row) => Object.fromEntries(Object.entries(row).filter(([column]) => USER_COLUMNS.has(column)));

function withUser(row: Row, from: string, into: string): Row {
  const named = Object.entries(usersIn(row)).filter(([, uid]) => uid === from);
  return { ...row, ...Object.fromEntries(named.map(([column]) => [column, into])) };
}

const USER_COLUMNS: ReadonlySet<string> = new Set(['user_id', 'invited_by', 'created_by']);

/** Returns those that were not there. */
async function insert(tx: Transaction, table: Ways['table'], rows: readonly Row[]): Promise<readonly Row[]> {
  if (rows.length === 0) return [];
  return rowsOf(
    await tx`
      insert into ${tx(table)} as ways select * from ${recordsOf(tx, table, rows)}
      on conflict do nothing returning to_jsonb(ways) as row`,
  );
}

const recordsOf = (tx: Transaction, table: Ways['table'], rows: readonly Row[]) =>
  tx`jsonb_populate_recordset(null::${tx(table)}, ${JSON.stringify(rows)}::text::jsonb)`;

const rowsOf = (result: readonly object[]): readonly Row[] => (result as { row: Row }[]).map(({ row }) => row);
