/**
 * Messages of many conversations as one user may see them now.
 *
 * Raw SQL: messages as the frames that clients get, as many as fit, and who may see them, in one statement.
 */
import { LIMITS } from '@messagecore/protocol';
import { plainArray } from '../../platform/database/array-literals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { Actor } from '../identity/caller.ts';
import { frameBytes, frameColumns, frameOf, type FrameRow } from './frames.ts';

/** Names a message; without `cid` and `seq`, none. */
export interface Place {
  readonly cid: string | null;
  readonly seq: number | null;
}

type Row = FrameRow | { readonly cid: null };

/**
 * For each place, in order, the message as JSON text, or `null` where there is none or the user may not see it. Ends before
 * the texts would be larger than a page, but has one at least.
 */
export async function readShown(sql: Sql, { tid, uid }: Actor, places: readonly Place[]): Promise<readonly string[]> {
  if (places.length === 0) return [];
  const [cids, seqs] = [places.map(({ cid }) => cid ?? NOWHERE), places.map(({ seq }) => seq ?? 0)];
  const rows = await sql<Row[]>`
    select ${frameColumns(sql)} from (
      select place.n, m.*,
        sum(coalesce(${frameBytes(sql)}, 512)) over (order by place.n) as bytes
      from unnest(${plainArray(cids)}::uuid[], ${plainArray(seqs)}::bigint[]) with ordinality as place (cid, seq, n)
      left join conversations c on c.conversation_id = place.cid and c.tenant_id = ${tid} and c.deleted_at is null
      left join participants p on p.conversation_id = c.conversation_id and p.user_id = ${uid}
      left join messages m on m.conversation_id = p.conversation_id and m.seq = place.seq
        and m.seq >= greatest(c.first_seq, case when c.history_since_joining then p.history_from end)
    ) m
    where m.bytes <= ${LIMITS.pageBytes} or m.n = 1 order by m.n`;
  return rows.map((row) => (row.cid === null ? 'null' : frameOf('message', row)));
}

const NOWHERE = '00000000-0000-0000-0000-000000000000';
