/** One conversation as the tables hold it, each read by itself. */
import type { Message } from '@messagecore/protocol';
import type postgres from 'postgres';
import type { Replaced } from './view.ts';

export interface StoredThread {
  readonly replies: number;
  readonly members: number;
  readonly last: number;
}

export interface StoredVotes {
  readonly counts: Readonly<Record<string, number>>;
  readonly voters: number;
}

export interface Stored {
  readonly head: number;
  readonly rev: number;
  readonly messages: ReadonlyMap<number, Message>;
  /** Users by `seq` and emoji, as counts. */
  readonly reactions: ReadonlyMap<number, Readonly<Record<string, number>>>;
  /** Of each poll that has any. */
  readonly votes: ReadonlyMap<number, StoredVotes>;
  readonly threads: ReadonlyMap<number, StoredThread>;
  /** The audit trail, ascending by `seq` and `rev`. */
  readonly trail: readonly (Replaced & { readonly by: string })[];
}

/** The `rev` of every message. */
export async function readRevs(sql: postgres.Sql, cid: string): Promise<ReadonlyMap<number, number>> {
  const rows = await sql<{ seq: number; rev: number }[]>`
    select seq::float8, rev::float8 from messages where conversation_id = ${cid}`;
  return new Map(rows.map(({ seq, rev }) => [seq, rev]));
}

export async function readStored(sql: postgres.Sql, cid: string): Promise<Stored> {
  const [conversation] = await sql<{ head: number; rev: number }[]>`
    select last_seq::float8 as head, last_rev::float8 as rev from conversations where conversation_id = ${cid}`;
  const messages = await sql<MessageRow[]>`
    select seq::float8, mid, sender_id as "from", round(extract(epoch from created_at) * 1000)::float8 as at, kind,
      body::text, reply_to::float8 as "replyTo", thread_root::float8 as "threadRoot", rev::float8,
      edited_at is not null as edited, recalled_at is not null as recalled, reactions::text,
      pinned_at is not null as pinned, poll::text
    from messages where conversation_id = ${cid} order by seq`;
  const reactions = await sql<{ seq: number; counts: Record<string, number> }[]>`
    select seq::float8, json_object_agg(emoji, users) as counts
    from (select seq, emoji, count(*) as users from reactions where conversation_id = ${cid} group by seq, emoji) r
    group by seq`;
  const votes = await sql<(StoredVotes & { seq: number })[]>`
    select seq::float8, json_object_agg(option, users) as counts, max(voters)::int as voters
    from (
      select seq, option, count(*) as users,
        (select count(distinct user_id) from poll_votes own where own.conversation_id = v.conversation_id and own.seq = v.seq)
          as voters
      from poll_votes v where conversation_id = ${cid} group by conversation_id, seq, option
    ) by_option
    group by seq`;
  const threads = await sql<(StoredThread & { root: number })[]>`
    select root_seq::float8 as root, replies::float8, members, last_seq::float8 as last
    from threads where conversation_id = ${cid}`;
  const trail = await sql<(Omit<Replaced, 'body'> & { body: string; by: string })[]>`
    select seq::float8, rev::float8, action, previous_body::text as body, changed_by as by
    from message_edits where conversation_id = ${cid} order by message_edits.seq, message_edits.rev`;
  return {
    ...{ head: conversation?.head ?? 0, rev: conversation?.rev ?? 0 },
    messages: new Map(messages.map((row) => [row.seq, messageOf(cid, row)])),
    reactions: new Map(reactions.map(({ seq, counts }) => [seq, counts])),
    votes: new Map(votes.map(({ seq, ...of }) => [seq, of])),
    threads: new Map(threads.map(({ root, ...thread }) => [root, thread])),
    trail: trail.map(({ body, ...row }) => ({ ...row, body: JSON.parse(body) as Message['body'] })),
  };
}

type MessageRow = Pick<Message, 'seq' | 'mid' | 'from' | 'at' | 'kind' | 'rev'> & {
  readonly body: string;
  readonly replyTo: number | null;
  readonly threadRoot: number | null;
  readonly reactions: string | null;
  readonly poll: string | null;
  readonly edited: boolean;
  readonly recalled: boolean;
  readonly pinned: boolean;
};

function messageOf(cid: string, row: MessageRow): Message {
  const { body, replyTo, threadRoot, reactions, poll, edited, recalled, pinned, ...rest } = row;
  return {
    ...{ cid, ...rest, body: JSON.parse(body) as Message['body'] },
    ...(replyTo !== null && { replyTo }),
    ...(threadRoot !== null && { threadRoot }),
    ...(edited && { edited }),
    ...(recalled && { recalled }),
    ...(reactions !== null && { reactions: JSON.parse(reactions) as Record<string, number> }),
    ...(pinned && { pinned }),
    ...(poll !== null && { poll: JSON.parse(poll) as NonNullable<Message['poll']> }),
  };
}
