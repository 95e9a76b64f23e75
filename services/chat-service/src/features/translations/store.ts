/** Raw SQL: a message's text as it is stored, and a row that is written only while the message says the same. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import { isGone } from '../../core/messages/frames.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { Asked, Said } from './asked.ts';

interface Wanted {
  readonly tid: string;
  readonly cid: string;
  readonly seq: number;
  readonly to: string;
}

/** Throws `conflict` for what is no text, or is gone. */
export async function readText(
  sql: Sql,
  { tid, cid, seq, to }: Wanted,
): Promise<{ readonly asked: Asked; readonly kept: Said | undefined }> {
  const [message] = await sql<
    { kind: string; body: string; gone: boolean; text: string | null; from: string | null }[]
  >`
    select m.kind, m.body::text as body, ${isGone(sql, sql`m`)} as gone, t.text, t.from_language as "from"
    from messages m
    left join message_translations t
      on t.conversation_id = m.conversation_id and t.seq = m.seq and t.language = ${to}
    where m.conversation_id = ${cid} and m.seq = ${seq} and m.tenant_id = ${tid}`;
  if (message === undefined) throw new ChatError('not_found', 'no such message');
  const { kind, body, gone, text, from } = message;
  if (gone) throw new ChatError('conflict', 'the message was recalled');
  if (kind !== 'text') throw new ChatError('conflict', 'the message is no text');
  return { asked: { tid, cid, seq, to, body }, kept: text === null ? undefined : { text, from } };
}

/**
 * Keeps it, unless the message says something else by now or is gone: the message is held, so that an edit or a recall, whose
 * trigger deletes translations, comes before and is seen, or comes after. Of too many languages the oldest goes.
 */
export async function storeTranslation(
  sql: Sql,
  { tid, cid, seq, to, body }: Asked,
  { text, from }: Said,
): Promise<void> {
  await sql`
    with stored as (
      insert into message_translations (conversation_id, seq, language, tenant_id, text, from_language, created_at)
      select m.conversation_id, m.seq, ${to}, m.tenant_id, ${text}, ${from}, now()
      from messages m
      where m.conversation_id = ${cid} and m.seq = ${seq} and m.tenant_id = ${tid} and m.body::text = ${body}
        and not ${isGone(sql, sql`m`)}
      for share of m
      on conflict (conversation_id, seq, language)
        do update set text = excluded.text, from_language = excluded.from_language, created_at = excluded.created_at
      returning conversation_id
    )
    delete from message_translations t
    using (
      select language from message_translations
      where conversation_id = ${cid} and seq = ${seq} and language <> ${to}
      order by created_at desc offset ${LIMITS.translationsPerMessage - 1}
    ) old
    where t.conversation_id = ${cid} and t.seq = ${seq} and t.language = old.language`;
}
