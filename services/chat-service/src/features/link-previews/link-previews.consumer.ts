/** Raw SQL: messages by the time of their storing, a minute of them at a time. */
import { conversationOf, decodeBatch, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import type { ConsumedEvent, ConsumerKind, ReconcileState } from '../../platform/consumers/consumer.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { type Candidate, enqueuePreviews, RECENT_MS } from './make-previews.job.ts';

const PIECE_MS = 60_000;
const SHARED = { batch: 512, gatherMs: 500, isNeeded: isOnAnywhere };

/** One for new messages, one for changed ones. An event only says which messages to look at. */
export function linkPreviewConsumers(sql: Sql): readonly ConsumerKind[] {
  const handle = async (events: readonly ConsumedEvent[]) => enqueuePreviews(sql, events.flatMap(candidatesOf));
  return [
    {
      name: 'link-previews',
      subject: STREAM_SUBJECTS[0],
      ...SHARED,
      handle,
      reconcile: (tx, state) => reconcileBy(tx, state, 'created_at'),
    },
    {
      name: 'link-previews-of-edits',
      subject: STREAM_SUBJECTS[1],
      ...SHARED,
      handle,
      reconcile: (tx, state) => reconcileBy(tx, state, 'changed_at'),
    },
  ];
}

/** Most installations have no use for previews, and should pay nothing for them. */
async function isOnAnywhere(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ on: boolean }[]>`
    select exists (select from tenants where (settings ->> 'linkPreviews')::boolean) as on`;
  return row?.on ?? false;
}

interface Frame {
  readonly seq: number;
  readonly rev: number;
  readonly kind: string;
  readonly edited?: boolean;
  readonly previews?: unknown;
}

/** Texts that may have links; of changes the edits. */
function candidatesOf({ subject, payload }: ConsumedEvent): readonly Candidate[] {
  if (!mayHaveLinks(payload)) return [];
  const { header, frames } = decodeBatch(payload);
  const cid = conversationOf(subject);
  return frames.flatMap((bytes) => {
    if (!mayHaveLinks(bytes)) return [];
    const { seq, rev, kind, edited, previews } = JSON.parse(Buffer.from(bytes).toString()) as Frame;
    const isWanted = kind === 'text' && previews === undefined && (rev === 0 || edited === true);
    return isWanted ? [{ tid: header.tid, cid, seq, rev }] : [];
  });
}

const mayHaveLinks = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('://');

/** A minute of messages in a piece; the cursor is the time at which the next one begins. */
async function reconcileBy(
  tx: Transaction,
  { since, cursor }: ReconcileState,
  column: 'created_at' | 'changed_at',
): Promise<string | null> {
  const start = Math.max(Date.parse(cursor ?? since), (await databaseTime(tx)) - RECENT_MS);
  const [from, until] = [isoOf(start), isoOf(start + PIECE_MS)];
  const time = column === 'created_at' ? tx`m.created_at` : tx`m.changed_at`;
  const rows = await tx<Candidate[]>`
    select m.tenant_id as tid, m.conversation_id as cid, m.seq, m.rev
    from messages m join tenants t on t.id = m.tenant_id and (t.settings ->> 'linkPreviews')::boolean
    where ${time} >= ${from}::timestamptz and ${time} < ${until}::timestamptz
      ${column === 'changed_at' ? tx`and m.rev > 0 and m.edited_at is not null` : tx``}
      and m.kind = 'text' and m.recalled_at is null and m.previews is null and m.body::text like '%://%'`;
  await enqueuePreviews(tx, rows);
  return start + PIECE_MS > (await databaseTime(tx)) ? null : until;
}

async function databaseTime(tx: Transaction): Promise<number> {
  const [row] = await tx<{ now: Date }[]>`select clock_timestamp() as now`;
  if (row === undefined) throw new Error('the database does not know the time');
  return row.now.getTime();
}

const isoOf = (ms: number) => new Date(ms).toISOString();
