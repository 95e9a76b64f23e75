/** Raw SQL: by an index, or a table, of those messages alone. */
import { EVERYBODY } from '../../core/messages/unread-mentions.ts';
import type { Sql } from '../../platform/database/connect.ts';

/** Later than this, who is online says nothing of who was: then the message mentions nobody by `here`. */
const ASKED_WITHIN_SECONDS = 300;

export interface Place {
  readonly cid: string;
  readonly seq: number;
}

/** A message of which it is not known yet whom `here` mentions. */
export interface OpenMessage extends Place {
  readonly tid: string;
  /** It is too late to ask who is online. */
  readonly isLate: boolean;
}

/** The next one behind this one, by conversation and `seq`. */
export async function nextOpen(sql: Sql, after: Place | undefined): Promise<OpenMessage | undefined> {
  const behind = after && sql`and (n.conversation_id, n.seq) > (${after.cid}::uuid, ${after.seq}::bigint)`;
  const [row] = await sql<OpenMessage[]>`
    select n.tenant_id as tid, n.conversation_id as cid, n.seq, ${isLate(sql)} as "isLate"
    from mentions n join messages m on m.conversation_id = n.conversation_id and m.seq = n.seq
    where n.user_id = ${EVERYBODY} and n.scope = 'here' ${behind ?? sql``}
    order by n.conversation_id, n.seq limit 1`;
  return row;
}

/** The same of those of which it is not known yet whom groups mention. */
export async function nextOpenGroups(
  sql: Sql,
  after: Place | undefined,
): Promise<Omit<OpenMessage, 'isLate'> | undefined> {
  const behind = after && sql`where (conversation_id, seq) > (${after.cid}::uuid, ${after.seq}::bigint)`;
  const [row] = await sql<Omit<OpenMessage, 'isLate'>[]>`
    select tenant_id as tid, conversation_id as cid, seq from open_group_mentions ${behind ?? sql``}
    order by conversation_id, seq limit 1`;
  return row;
}

/** Since the message was stored or, of an edited one, changed last. */
const isLate = (sql: Sql) => sql`
  case when m.edited_at is null then m.created_at else m.changed_at end
    < now() - ${ASKED_WITHIN_SECONDS} * interval '1 second'`;
