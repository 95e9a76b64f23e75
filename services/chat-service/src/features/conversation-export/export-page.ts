/** Raw SQL: what the conversation is, beside the heads that are read for every page. */
import { Emoji, LIMITS, Rev, Seq, UserId } from '@messagecore/protocol';
import type { ExportQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { readHeads } from '../../core/messages/history.ts';
import { checkMay } from '../../core/permissions/permissions.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import { ReadyLines } from '../../platform/operations/ready-json.ts';
import { edits, type Line, messages, participants, type ReadLines, reactions } from './lines.ts';

/** In the order of the export, each with the key of its lines. */
const TABLES: readonly { readonly read: ReadLines; readonly key: z.ZodType }[] = [
  { read: participants, key: z.tuple([UserId]) },
  { read: messages, key: z.tuple([Seq]) },
  { read: edits, key: z.tuple([Seq, Rev]) },
  { read: reactions, key: z.tuple([Seq, UserId, Emoji]) },
];

/** The table that is read, and the key of its last line if there was one. */
const PageKey = z
  .tuple([z.int().min(0)])
  .rest(z.union([z.string(), z.int()]))
  .refine(
    ([table, ...key]) => table < TABLES.length && (key.length === 0 || TABLES[table]?.key.safeParse(key).success),
  );

/**
 * A page of an export: lines behind the cursor, at most `limit` and about `LIMITS.pageBytes`. It may end early; `next` is null
 * at the end. The first page, which has no cursor, is written to the audit log. Throws `not_found`, `not_member`,
 * `forbidden`.
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
  const lines = at === undefined ? [await begin(sql, caller, cid, { first, head })] : [];
  let bytes = 0;
  let [table = 0, ...key] = at ?? [];
  for (; table < TABLES.length; table += 1, key = []) {
    const room = limit - lines.length;
    const read = room <= 0 ? [] : await readTable(table, key, { limit: room, bytes: LIMITS.pageBytes - bytes });
    lines.push(...read.map(({ text }) => text));
    bytes += read.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    // No line is so long that it would not have found room in the other half.
    const isFull = read.length === Math.max(room, 0) || bytes > LIMITS.pageBytes / 2;
    if (isFull) return new ReadyLines(lines, encodeCursor([table, ...(read.at(-1)?.key ?? key)]));
  }
  return new ReadyLines(lines, null);

  function readTable(n: number, after: readonly (string | number)[], size: Parameters<ReadLines>[3]): Promise<Line[]> {
    return TABLES[n]?.read(sql, { cid, first }, after, size) ?? Promise.resolve([]);
  }
}

/** The first line, when it is on record that the conversation is exported. */
async function begin(
  sql: Sql,
  caller: Reader,
  cid: string,
  { first, head }: { readonly first: number; readonly head: number },
): Promise<string> {
  await sql.begin((tx) =>
    auditCaller(tx, caller, { action: 'export_conversation', target: `conversation:${cid}`, after: { first, head } }),
  );
  const [conversation] = await sql<object[]>`
    select kind, name, topic, last_seq as head, last_rev as rev, epoch,
      round(extract(epoch from created_at) * 1000)::float8 as "createdAt",
      round(extract(epoch from now()) * 1000)::float8 as "exportedAt"
    from conversations where conversation_id = ${cid} and tenant_id = ${caller.tid}`;
  return JSON.stringify({ v: 1, type: 'conversation', cid, first, ...conversation });
}
