/** Raw SQL: what the conversation is, beside the heads that are read for every page. */
import { Emoji, LIMITS, Rev, Seq, UserId } from '@messagecore/protocol';
import type { ExportQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import { actorOf, auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { readHeads } from '../../core/messages/history.ts';
import { checkMay } from '../../core/permissions/permissions.ts';
import { lastAuditSeq, readAuditEntry } from '../../platform/audit/audit-log.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor, notOfThisList } from '../../platform/http/cursor.ts';
import { ReadyLines } from '../../platform/operations/ready-json.ts';
import { edits, type Line, messages, participants, type ReadLines, reactions } from './lines.ts';

/** In the order of the export, each with the key of its lines. */
const TABLES: readonly { readonly read: ReadLines; readonly key: z.ZodType }[] = [
  { read: participants, key: z.tuple([UserId]) },
  { read: messages, key: z.tuple([Seq]) },
  { read: edits, key: z.tuple([Seq, Rev]) },
  { read: reactions, key: z.tuple([Seq, UserId, Emoji]) },
];

/** The audit log's entry of the export, the table that is read, and the key of its last line if there was one. */
const PageKey = z
  .tuple([z.int().min(1), z.int().min(0)])
  .rest(z.union([z.string(), z.int()]))
  .refine(
    ([_, table, ...key]) => table < TABLES.length && (key.length === 0 || TABLES[table]?.key.safeParse(key).success),
  );

/** Of one page: what is read may be far more than what of it is written, as of messages that are over. */
const MOST_READS = 16;

/**
 * A page of an export: lines behind the cursor, at most `limit` and about `LIMITS.pageBytes`. It may end early; `next` is null
 * at the end. An export begins without a cursor and is written to the audit log then; its cursors are for whoever began it.
 * Throws `not_found`, `not_member`, `forbidden`, `bad_request` for a cursor of no such export.
 */
export async function exportPage(
  sql: Sql,
  caller: Reader,
  cid: string,
  { limit, cursor }: ExportQuery,
): Promise<ReadyLines> {
  const at = decodeCursor(cursor, PageKey);
  checkMay('export', await readSituation(sql, caller, cid));
  const { first, head } = await readHeads(sql, caller, cid);
  if (at !== undefined && !(await hasBegun(sql, caller, cid, at[0]))) throw notOfThisList();
  const begun = at === undefined ? await begin(sql, caller, cid, { first, head }) : undefined;
  const lines = begun === undefined ? [] : [begun.line];
  const [entry = 0, start = 0, ...behind] = at ?? [begun?.entry];
  let [table, key, bytes, reads] = [start, behind, 0, 0];
  while (table < TABLES.length) {
    const room = limit - lines.length;
    // No line is so long that it would not have found room in the other half.
    const isFull = room <= 0 || bytes > LIMITS.pageBytes / 2 || reads >= MOST_READS;
    if (isFull) return new ReadyLines(lines, encodeCursor([entry, table, ...key]));
    const read = await readTable(table, key, { limit: room, bytes: LIMITS.pageBytes - bytes });
    reads += 1;
    lines.push(...read.map(({ text }) => text));
    bytes += read.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    // A read may have fewer lines than were asked for and not be the last one: only an empty one is.
    const last = read.at(-1);
    [table, key] = last === undefined ? [table + 1, []] : [table, [...last.key]];
  }
  return new ReadyLines(lines, null);

  function readTable(n: number, after: readonly (string | number)[], size: Parameters<ReadLines>[3]): Promise<Line[]> {
    return TABLES[n]?.read(sql, { cid, first }, after, size) ?? Promise.resolve([]);
  }
}

const ACTION = 'export_conversation';

/** Whether the audit log has it that this caller began an export of this conversation. */
async function hasBegun(sql: Sql, caller: Reader, cid: string, seq: number): Promise<boolean> {
  const entry = await readAuditEntry(sql, caller.tid, seq);
  return entry?.action === ACTION && entry.actor === actorOf(caller) && entry.target === `conversation:${cid}`;
}

/** The first line, when it is on record that the conversation is exported, and the entry of the log. */
async function begin(
  sql: Sql,
  caller: Reader,
  cid: string,
  { first, head }: { readonly first: number; readonly head: number },
): Promise<{ readonly entry: number; readonly line: string }> {
  const entry = await sql.begin(async (tx) => {
    await auditCaller(tx, caller, { action: ACTION, target: `conversation:${cid}`, after: { first, head } });
    return lastAuditSeq(tx, caller.tid);
  });
  const [conversation] = await sql<object[]>`
    select kind, name, topic, last_seq as head, last_rev as rev, epoch,
      round(extract(epoch from created_at) * 1000)::float8 as "createdAt",
      round(extract(epoch from now()) * 1000)::float8 as "exportedAt"
    from conversations where conversation_id = ${cid} and tenant_id = ${caller.tid}`;
  return { entry, line: JSON.stringify({ v: 1, type: 'conversation', cid, first, ...conversation }) };
}
