/**
 * The lines of an export, a table each, in the order of its key. Each says its `type` and the version `v` of its shape.
 *
 * Raw SQL: ranges of keys, bounded in bytes; messages as the frames that clients get.
 */
import { frameOf, isGone } from '../../core/messages/frames.ts';
import { readWithin } from '../../core/messages/history.ts';
import type { Fragment, Sql } from '../../platform/database/connect.ts';

export interface Line {
  readonly text: string;
  /** What the next line comes behind. */
  readonly key: readonly (string | number)[];
}

export interface Place {
  readonly cid: string;
  /** The oldest message that is exported. */
  readonly first: number;
}

/** How much is read: at most so many lines and bytes, but one line at least. */
export interface Size {
  readonly limit: number;
  readonly bytes: number;
}

/** Lines behind a key, or from the beginning. */
export type ReadLines = (sql: Sql, place: Place, after: readonly (string | number)[], size: Size) => Promise<Line[]>;

const lineOf = (type: string, content: object) => JSON.stringify({ v: 1, type, ...content });
const millisOf = (sql: Sql, column: Fragment) => sql`round(extract(epoch from ${column}) * 1000)::float8`;

export const participants: ReadLines = async (sql, { cid }, [after], { limit }) => {
  const rows = await sql<{ userId: string }[]>`
    select p.user_id as "userId", u.external_id as "externalId", u.display_name as "displayName", p.role,
      ${millisOf(sql, sql`p.joined_at`)} as "joinedAt"
    from (
      select * from participants
      where conversation_id = ${cid} ${after === undefined ? sql`` : sql`and user_id > ${after}`}
      order by user_id limit ${limit}
    ) p
    cross join lateral (select * from users where id = p.user_id limit 1) u
    order by p.user_id`;
  return rows.map((row) => ({ text: lineOf('participant', row), key: [row.userId] }));
};

const FRAME = '{"t":"message",';

export const messages: ReadLines = async (sql, { cid, first }, [after = 0], size) => {
  const condition = sql`m.conversation_id = ${cid} and m.seq >= ${first} and m.seq > ${after}`;
  const rows = await readWithin(sql, condition, sql`m.seq`, size);
  return rows.map((row) => ({
    text: `{"v":1,"type":"message",${frameOf('message', row).slice(FRAME.length)}`,
    key: [row.seq],
  }));
};

interface EditRow {
  readonly seq: number;
  readonly rev: number;
  readonly body: string | null;
}

/** With the body that was replaced, unless the message was recalled. */
export const edits: ReadLines = async (sql, { cid, first }, [seq = 0, rev = 0], { limit, bytes }) => {
  const rows = await sql<EditRow[]>`
    select seq, rev, action, changed_by as by, ${millisOf(sql, sql`changed_at`)} as at, body from (
      select e.*, row_number() over reading as place,
        sum(coalesce(octet_length(e.body), 0) + 512) over reading as bytes
      from (
        select e.*, case when not ${isGone(sql, sql`m`)} then e.previous_body::text end as body
        from message_edits e
        join messages m on m.conversation_id = e.conversation_id and m.seq = e.seq
        where e.conversation_id = ${cid} and e.seq >= ${first} and (e.seq, e.rev) > (${seq}::bigint, ${rev}::bigint)
        order by e.seq, e.rev limit ${limit}
      ) e
      window reading as (order by e.seq, e.rev rows unbounded preceding)
    ) e
    where bytes <= ${bytes} or place = 1 order by seq, rev`;
  return rows.map(({ body, ...edit }) => {
    const line = lineOf('edit', edit);
    const text = body === null ? line : `${line.slice(0, -1)},"body":${body}}`;
    return { text, key: [edit.seq, edit.rev] };
  });
};

interface ReactionRow {
  readonly seq: number;
  readonly from: string;
  readonly emoji: string;
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

export const reactions: ReadLines = async (sql, { cid, first }, [seq = 0, from = NOBODY, emoji = ''], { limit }) => {
  const rows = await sql<ReactionRow[]>`
    select seq, user_id as "from", emoji, ${millisOf(sql, sql`created_at`)} as at from reactions
    where conversation_id = ${cid} and seq >= ${first}
      and (seq, user_id, emoji) > (${seq}::bigint, ${from}::uuid, ${emoji}::text)
    order by seq, user_id, emoji limit ${limit}`;
  return rows.map((row) => ({ text: lineOf('reaction', row), key: [row.seq, row.from, row.emoji] }));
};
