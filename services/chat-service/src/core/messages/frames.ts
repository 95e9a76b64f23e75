/**
 * Stored messages as the very frames that clients get: encoded once, by splicing the stored body text in.
 *
 * Raw SQL: columns of statements of the hot path.
 */
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';
import { asShown, type ExpiringMessage } from './expiry-changes.ts';
import type { messages } from './tables.ts';

type Message = Readonly<typeof messages.$inferSelect>;
type Unchanged = 'seq' | 'mid' | 'kind' | 'body' | 'replyTo' | 'threadRoot' | 'rev' | 'reactions' | 'poll' | 'previews';

export interface FrameRow extends Pick<Message, Unchanged>, ExpiringMessage {
  readonly cid: Message['conversationId'];
  readonly from: Message['senderId'];
  readonly at: number;
  readonly edited: boolean;
  readonly recalled: boolean;
  readonly pinned: boolean;
  /** Whom it mentions, as JSON. */
  readonly mentions: string | null;
  /** A reply that is shown in the conversation too. */
  readonly showInChannel: boolean;
}

/** Columns of a frame, from `messages m`. */
export const frameColumns = (sql: Sql | Transaction) => sql`
  m.conversation_id as cid, m.seq, m.mid, m.sender_id as "from",
  round(extract(epoch from m.created_at) * 1000)::bigint as at, m.kind, m.body::text as body,
  m.reply_to as "replyTo", m.thread_root as "threadRoot", m.rev,
  m.edited_at is not null as edited, m.recalled_at is not null as recalled, m.reactions::text as reactions,
  m.pinned_at is not null as pinned, m.poll::text as poll, m.previews::text as previews,
  m.mentions::text as mentions, coalesce(m.show_in_channel, false) as "showInChannel",
  round(extract(epoch from m.expires_at) * 1000)::bigint as "expiresAt", m.expired_at is not null as expired,
  coalesce(m.expires_at <= clock_timestamp(), false) as "isOver",
  m.expires_after_read as "expiresAfterRead", m.read_by_all_at is not null as "isReadByAll"`;

/** Bytes that a frame of `messages m` has at most: all that varies, and 512 for the rest. */
export const frameBytes = (sql: Sql | Transaction) => sql`(
  octet_length(m.body::text) + coalesce(octet_length(m.reactions::text), 0)
  + coalesce(octet_length(m.mentions::text), 0) + coalesce(octet_length(m.poll::text), 0)
  + coalesce(octet_length(m.previews::text), 0) + 512)`;

/** That nothing of a message is shown any more: it was recalled, or its time is over. Of `messages`, or an alias of it. */
export const isGone = (sql: Sql | Transaction, m: Fragment) =>
  sql`(${m}.recalled_at is not null or coalesce(${m}.expires_at <= now(), false))`;

export function frameOf(type: 'message' | 'update', row: FrameRow): string {
  const shown = asShown(row);
  const { cid, seq, mid, from, at, kind, body, replyTo, threadRoot, showInChannel, mentions } = shown;
  const { rev, edited, recalled, reactions, pinned, poll, previews, expiresAt, expiresAfterRead, expired } = shown;
  return (
    `{"t":"${type}","cid":"${cid}","seq":${seq},"mid":"${mid}","from":"${from}","at":${at},` +
    `"kind":${JSON.stringify(kind)},"body":${body}` +
    (replyTo === null ? '' : `,"replyTo":${replyTo}`) +
    (threadRoot === null ? '' : `,"threadRoot":${threadRoot}`) +
    (showInChannel ? ',"showInChannel":true' : '') +
    (mentions === null ? '' : `,"mentions":${withoutSpaces(mentions)}`) +
    `,"rev":${rev}` +
    (edited ? ',"edited":true' : '') +
    (recalled ? ',"recalled":true' : '') +
    (expiresAfterRead === null ? '' : `,"expiresAfterRead":${expiresAfterRead}`) +
    (expiresAt === null ? '' : `,"expiresAt":${expiresAt}`) +
    (expired ? ',"expired":true' : '') +
    (reactions === null || recalled ? '' : reactionsField(reactions)) +
    (pinned ? ',"pinned":true' : '') +
    (poll === null ? '' : `,"poll":${poll}`) +
    (previews === null || previews === '[]' ? '' : `,"previews":${previews}`) +
    '}'
  );
}

/** As `JSON.stringify` writes it: PostgreSQL puts spaces between the parts of `jsonb`. */
const withoutSpaces = (json: string) => JSON.stringify(JSON.parse(json));

/** Keys that decoders refuse, in the text that JSON.stringify makes of counts; rarely also a part of another key. */
const REFUSED_KEY = /"(?:__proto__|constructor|prototype)":/;
const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Such reactions cannot be set any more (REV-10); old ones are left out so that clients can decode the message. */
function reactionsField(reactions: string): string {
  if (!REFUSED_KEY.test(reactions)) return `,"reactions":${reactions}`;
  const counts = Object.entries(JSON.parse(reactions) as object).filter(([emoji]) => !REFUSED_KEYS.has(emoji));
  return counts.length === 0 ? '' : `,"reactions":${JSON.stringify(Object.fromEntries(counts))}`;
}
