/**
 * Messages that are sent on to another conversation: through the same path as every send, with the body of the source and
 * where it comes from.
 *
 * A repeat is known by its `mid` before the source is looked at, so that it is answered also when the source was changed or
 * recalled since, or is no longer seen (FWD-3).
 *
 * Raw SQL: messages as the frames that clients get, and the trail of their edits.
 */
import { ChatError, isKind, LIMITS } from '@messagecore/protocol';
import type { ForwardedMessages, ForwardMessages, Sent } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import type { Actor } from '../identity/caller.ts';
import type { AppendItem, Outcome } from './append-batch.ts';
import { isTenantKind, originOf, unknownKind } from './bodies.ts';
import type { KindsOfTenants } from './extensions.ts';
import { frameColumns, type FrameRow } from './frames.ts';
import { readHeads } from './history.ts';

export interface ForwardDeps {
  readonly sql: Sql;
  /** Stores messages whose bodies are canonical; outcomes in the order of the items. Never rejects. */
  readonly append: (items: readonly AppendItem[]) => Promise<readonly Outcome[]>;
  /** Undefined where tenants define none. */
  readonly kinds: KindsOfTenants | undefined;
}

type Request = ForwardMessages & { readonly cid: string };
type Wanted = { readonly seq: number; readonly mid: string };

/**
 * Nothing is stored when one of the sources is refused. Of sends that are refused themselves, for their rate for instance, the
 * first one is told; what was stored beside it stays, and the same request again stores the rest.
 */
export async function forwardMessages(
  deps: ForwardDeps,
  actor: Actor,
  request: Request,
  until: number,
): Promise<ForwardedMessages> {
  const wanted = request.seqs.map((seq, n) => ({ seq, mid: request.mids[n] ?? '' }));
  const stored = await readStored(deps.sql, actor, request, wanted);
  const missing = wanted.filter(({ mid }) => !stored.has(mid));
  if (missing.length > 0) await send(deps, actor, request, missing, stored, until);
  return { items: wanted.flatMap(({ mid }) => stored.get(mid) ?? []) };
}

async function send(
  { sql, append, kinds }: ForwardDeps,
  actor: Actor,
  request: Request,
  wanted: readonly Wanted[],
  stored: Map<string, Sent>,
  until: number,
): Promise<void> {
  const { tid, uid, token } = actor;
  const { to: cid, clientId } = request;
  const sources = await readSources(sql, actor, request.cid, wanted);
  await checkKinds(kinds, tid, sources);
  const items = sources.map(({ kind, body }, n): AppendItem => {
    return { ...{ tid, cid, uid, token, clientId, kind, body, until }, mid: wanted[n]?.mid ?? '' };
  });
  const outcomes = await append(items);
  // Of two of the same at once, between which the source was changed, the second one is a repeat too.
  const isTaken = outcomes.some((outcome) => outcome instanceof ChatError && outcome.code === 'mid_taken');
  const meanwhile = isTaken ? await readStored(sql, actor, request, wanted) : stored;
  for (const [n, { mid }] of wanted.entries()) {
    const outcome = meanwhile.get(mid) ?? outcomes[n] ?? new ChatError('internal');
    if (outcome instanceof ChatError) throw outcome;
    stored.set(mid, { cid, mid, seq: outcome.seq, at: outcome.at });
  }
}

interface StoredRow {
  readonly mid: string;
  readonly seq: number;
  readonly at: number;
  readonly body: string;
}

/**
 * What the user has sent under these ids, judged by the bodies as they were stored first. Throws `mid_taken` for what is not
 * this very message forwarded.
 */
async function readStored(
  sql: Sql,
  actor: Actor,
  request: Request,
  wanted: readonly Wanted[],
): Promise<Map<string, Sent>> {
  const { to: cid } = request;
  const rows = await sql<StoredRow[]>`
    select m.mid, m.seq, round(extract(epoch from m.created_at) * 1000)::float8 as at, coalesce(
        (
          select e.previous_body::text from message_edits e
          where e.conversation_id = m.conversation_id and e.seq = m.seq order by e.rev limit 1
        ),
        m.body::text
      ) as body
    from messages m
    join conversations c on c.conversation_id = m.conversation_id and c.tenant_id = ${actor.tid} and c.deleted_at is null
    where m.conversation_id = ${cid} and m.mid = any(${wanted.map(({ mid }) => mid)}::text[])
      and m.sender_id = ${actor.uid}`;
  const seqOf = new Map(wanted.map(({ mid, seq }) => [mid, seq]));
  return new Map(
    rows.map(({ mid, seq, at, body }) => {
      const origin = originOf(body);
      if (origin?.cid !== request.cid || origin.seq !== seqOf.get(mid)) throw new ChatError('mid_taken');
      return [mid, { cid, seq, mid, at }];
    }),
  );
}

/** The messages to be sent on, as they are stored in the other conversation. Throws what `refusalOf` gives. */
async function readSources(sql: Sql, actor: Actor, cid: string, wanted: readonly Wanted[]) {
  const { first, head } = await readHeads(sql, actor, cid);
  const rows = await sql<FrameRow[]>`
    select ${frameColumns(sql)} from messages m
    where m.conversation_id = ${cid} and m.seq = any(${wanted.map(({ seq }) => seq)}::bigint[])
      and m.seq between ${first} and ${head}`;
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return wanted.map(({ seq }) => {
    const source = bySeq.get(seq);
    if (source === undefined) throw new ChatError('not_found', `no such message: ${seq}`);
    if (source.recalled || source.isOver) throw new ChatError('conflict', `the message ${seq} was recalled`);
    if (!isKind(source.kind) && !isTenantKind(source.kind))
      throw new ChatError('unsupported_kind', `the message ${seq} is of the kind ${source.kind}`);
    return { kind: source.kind, body: forwardedBody(source) };
  });
}

/** Throws `unsupported_kind` for those of a kind that the tenant has removed (KIND-6). */
async function checkKinds(kinds: KindsOfTenants | undefined, tid: string, sources: readonly { kind: string }[]) {
  const own = sources.filter(({ kind }) => isTenantKind(kind));
  if (own.length === 0) return;
  const known = await kinds?.of(tid);
  const removed = own.find(({ kind }) => known?.has(kind) !== true);
  if (removed !== undefined) throw unknownKind(removed.kind);
}

/** Who wrote it and when stays what it is when it is forwarded once more. */
function forwardedBody({ cid, seq, from, at, body }: FrameRow): string {
  const { forwarded: _, ...content } = JSON.parse(body) as Record<string, unknown>;
  const { from: author = from, at: written = at } = originOf(body) ?? {};
  const text = JSON.stringify({ ...content, forwarded: { cid, seq, from: author, at: written } });
  if (Buffer.byteLength(text) > LIMITS.bodyBytes) throw new ChatError('too_large', `the message ${seq}: too long`);
  return text;
}
