/** Changes of the database for which no event is published, as if the bus had lost it. */
import { encodeFrame } from '@messagecore/protocol';
import { encodeBatch, subjects } from '@messagecore/protocol/bus';
import { newMid } from '@messagecore/testkit';
import type { System } from './system.ts';

export interface Place {
  readonly tid: string;
  readonly cid: string;
}

/** A batch that was to be published: hand it to `system.bus.publish`. */
export interface Unpublished {
  readonly subject: string;
  readonly payload: string;
  readonly seq: number;
}

/** Stores messages without publishing them; one batch a message. */
export async function storeUnpublished(
  { sql }: System,
  { tid, cid }: Place,
  from: string,
  texts: readonly string[],
): Promise<Unpublished[]> {
  return sql.begin(async (tx) => {
    const [head] = await tx<{ last: number }[]>`
      update conversations set last_seq = last_seq + ${texts.length}
      where conversation_id = ${cid} returning (last_seq - ${texts.length})::int as last`;
    const at = Date.now();
    const batches: Unpublished[] = [];
    for (const [i, text] of texts.entries()) {
      const [seq, mid] = [head!.last + i + 1, newMid()];
      await tx`
        insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
        values (${cid}, ${seq}, ${tid}, ${mid}, ${from}, 'silent', 'text', ${JSON.stringify({ text })}::text::json,
          to_timestamp(${at}::float8 / 1000))`;
      const frame = encodeFrame(
        { t: 'message', cid, seq, mid, from, at, kind: 'text', body: { text }, rev: 0 },
        'json',
      );
      const header = { v: 1, type: 'messages', tid, cid, first: seq, last: seq, count: 1 } as const;
      batches.push({ seq, subject: subjects.conversation(tid, cid, 'msg'), payload: encodeBatch(header, [frame]) });
    }
    return batches;
  });
}

/** Edits a message without publishing the change; returns its `rev`. */
export async function editUnpublished({ sql }: System, { cid }: Place, seq: number, text: string): Promise<number> {
  return sql.begin(async (tx) => {
    const [changed] = await tx<{ rev: number }[]>`
      update conversations set last_rev = last_rev + 1 where conversation_id = ${cid} returning last_rev::int as rev`;
    await tx`
      update messages set rev = ${changed!.rev}, body = ${JSON.stringify({ text })}::text::json, edited_at = now(),
        changed_at = now()
      where conversation_id = ${cid} and seq = ${seq}`;
    return changed!.rev;
  });
}

/** Suspends a tenant, deactivates a user or revokes a device, without an event. */
export async function endUnpublished(
  { sql }: System,
  { tid, userId, clientId }: { readonly tid: string; readonly userId?: string; readonly clientId?: string },
): Promise<void> {
  if (userId === undefined) await sql`update tenants set status = 'suspended' where id = ${tid}`;
  else if (clientId === undefined) await sql`update users set status = 'deactivated' where id = ${userId}`;
  else await sql`update devices set revoked_at = now() where user_id = ${userId} and client_id = ${clientId}`;
}

/** Deletes the conversation without an event. */
export async function deleteUnpublished({ sql }: System, { cid }: Place): Promise<void> {
  await sql`update conversations set deleted_at = now(), access_rev = access_rev + 1 where conversation_id = ${cid}`;
}

/** Removes a participant without an event. */
export async function removeUnpublished({ sql }: System, { cid }: Place, userId: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`update conversations set access_rev = access_rev + 1 where conversation_id = ${cid}`;
    await tx`delete from participants where conversation_id = ${cid} and user_id = ${userId}`;
  });
}
