/**
 * What belongs into a stream that lost it: everything stored or changed lately, conversation by conversation.
 *
 * Raw SQL: a time limit and a search that belong into one transaction.
 */
import type { Sql } from '../../platform/database/connect.ts';
import type { CommittedRange } from '../outbox/committed.ts';
import { contentOf, type StoredRange } from './outbox.ts';

/** Conversations in one page; each page looks through everything that is lately. */
const PAGE = 10_000;

type Topic = CommittedRange['topic'];

export interface ContentDeps {
  readonly sql: Sql;
  /** For the search, which may take its time. */
  readonly patient: Sql;
}

/**
 * Of the last `ms` milliseconds, in the order of each conversation: messages first, then changes. Every page is found, and
 * every piece of it read, in a transaction of its own, so that none lasts while the bus is waited for.
 */
export async function* contentSince({ sql, patient }: ContentDeps, ms: number): AsyncGenerator<CommittedRange> {
  const [row] = await sql<{ since: string }[]>`select (now() - ${ms} * interval '1 millisecond')::text as since`;
  const since = row?.since ?? 'infinity';
  for (const topic of ['msg', 'upd'] as const) {
    let after = FIRST;
    for (let page = await pageOf(patient, topic, since, after); page.length > 0;) {
      yield* contentOf(sql, page);
      after = page.at(-1)?.cid ?? after;
      page = await pageOf(patient, topic, since, after);
    }
  }
}

/** No conversation's id. */
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Of the next conversations the first and the last number since then; what lies between is of since then too. */
async function pageOf(patient: Sql, topic: Topic, since: string, after: string): Promise<StoredRange[]> {
  const rows = await patient.begin(async (tx) => {
    await tx`select set_config('statement_timeout', '0', true)`;
    const [number, lately] =
      topic === 'msg' ? [tx`seq`, tx`created_at > ${since}`] : [tx`rev`, tx`changed_at > ${since} and rev > 0`];
    return tx<Pick<StoredRange, 'cid' | 'first' | 'last'>[]>`
      select conversation_id as cid, min(${number}) as first, max(${number}) as last
      from messages where ${lately} and conversation_id > ${after}
      group by conversation_id order by conversation_id limit ${PAGE}`;
  });
  return rows.map((row) => ({ ...row, part: topic, topic }));
}
