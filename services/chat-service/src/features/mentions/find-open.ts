/** Raw SQL: by an index of those messages alone. */
import { plainArray } from '../../platform/database/array-literals.ts';
import { EVERYBODY } from '../../core/messages/unread-mentions.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';

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

/** Those of these that are open. */
export function openAmong(sql: Sql, places: readonly Place[]): Promise<OpenMessage[]> {
  return sql<OpenMessage[]>`
    select n.tenant_id as tid, n.conversation_id as cid, n.seq, ${isLate(sql)} as "isLate"
    from unnest(${plainArray(places.map(({ cid }) => cid))}::uuid[], ${plainArray(places.map(({ seq }) => seq))}::bigint[])
      as asked (cid, seq)
    join mentions n on n.conversation_id = asked.cid and n.user_id = ${EVERYBODY} and n.seq = asked.seq and n.scope = 'here'
    join messages m on m.conversation_id = n.conversation_id and m.seq = n.seq
    order by n.conversation_id, n.seq`;
}

/** The next one behind this one, by conversation and `seq`. */
export async function nextOpen(tx: Transaction, after: Place | undefined): Promise<OpenMessage | undefined> {
  const behind = after && tx`and (n.conversation_id, n.seq) > (${after.cid}::uuid, ${after.seq}::bigint)`;
  const [row] = await tx<OpenMessage[]>`
    select n.tenant_id as tid, n.conversation_id as cid, n.seq, ${isLate(tx)} as "isLate"
    from mentions n join messages m on m.conversation_id = n.conversation_id and m.seq = n.seq
    where n.user_id = ${EVERYBODY} and n.scope = 'here' ${behind ?? tx``}
    order by n.conversation_id, n.seq limit 1`;
  return row;
}

/** Since the message was stored or, of an edited one, changed last. */
const isLate = (sql: Sql | Transaction) => sql`
  case when m.edited_at is null then m.created_at else m.changed_at end
    < now() - ${ASKED_WITHIN_SECONDS} * interval '1 second'`;
