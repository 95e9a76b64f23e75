import type { Message } from '@messagecore/protocol';
import { type FinalConversation, type StoredMessage, stateOf } from '@messagecore/testkit';
import postgres from 'postgres';

export interface Stored {
  readonly final: readonly FinalConversation[];
  /** Written by the service itself: kind `sys`. */
  readonly systemMids: ReadonlySet<string>;
}

/** How far each conversation has got. */
export type Heads = ReadonlyMap<string, { readonly head: number; readonly rev: number }>;

export async function readHeads(databaseUrl: string, cids: readonly string[]): Promise<Heads> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, types: { bigint: BIGINT } });
  try {
    const rows = await sql<{ cid: string; head: number; rev: number }[]>`
      select conversation_id as cid, last_seq as head, last_rev as rev
      from conversations where conversation_id in ${sql(cids)}`;
    return new Map(rows.map(({ cid, head, rev }) => [cid, { head, rev }]));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The conversations as PostgreSQL holds them. */
export async function readStored(databaseUrl: string, cids: readonly string[]): Promise<Stored> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, types: { bigint: BIGINT } });
  try {
    return await sql.begin('isolation level repeatable read read only', (tx) => read(tx, cids));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function read(sql: postgres.TransactionSql<{ bigint: number }>, cids: readonly string[]): Promise<Stored> {
  const conversations = await sql<Omit<FinalConversation, 'messages'>[]>`
    select conversation_id as cid, last_seq as head, last_rev as rev, epoch, first_seq as first
    from conversations where conversation_id in ${sql(cids)}`;
  const messages = await sql<MessageRow[]>`
    select conversation_id as cid, seq, mid, sender_id as "from", kind, rev, body::text as body,
      thread_root as "threadRoot", edited_at is not null as edited, recalled_at is not null as recalled,
      reactions::text as reactions, pinned_at is not null as pinned
    from messages where conversation_id in ${sql(cids)} order by conversation_id, seq`;
  const byCid = Map.groupBy(messages, ({ cid }) => cid);
  return {
    final: conversations.map((conversation) => ({
      ...conversation,
      messages: (byCid.get(conversation.cid) ?? []).map(messageOf),
    })),
    systemMids: new Set(messages.filter(({ kind }) => kind === 'sys').map(({ mid }) => mid)),
  };
}

function messageOf({ seq, mid, from, rev, body, threadRoot, reactions, ...row }: MessageRow): StoredMessage {
  const root = threadRoot === null ? {} : { threadRoot };
  const counts = JSON.parse(reactions ?? '{}') as NonNullable<Message['reactions']>;
  const state = stateOf({ ...row, ...root, reactions: counts });
  return { seq, mid, from, rev, body: JSON.stringify(JSON.parse(body)), state, ...root };
}

interface MessageRow {
  readonly cid: string;
  readonly seq: number;
  readonly mid: string;
  readonly from: string;
  readonly kind: string;
  readonly rev: number;
  readonly body: string;
  readonly threadRoot: number | null;
  readonly edited: boolean;
  readonly recalled: boolean;
  readonly reactions: string | null;
  readonly pinned: boolean;
}

const BIGINT: postgres.PostgresType<number> = { to: 20, from: [20], parse: Number, serialize: String };
