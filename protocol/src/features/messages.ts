/** Messages, changes, reactions and read positions of a conversation. */
import { z } from 'zod';
import { Cid, ClientId, Epoch, Mid, Millis, Pos, Rev, Seq } from '../wire/ids.ts';
import { Person } from './invitations.ts';
import { LIMITS } from '../wire/limits.ts';
import { Body, Emoji, ExpiresAfterRead, ExpiresIn, KindName } from '../wire/message.ts';
import { MessageDown, UpdateDown } from '../wire/down.ts';
import { numeral } from '../wire/numeral.ts';
import { flag } from './common.ts';
import { Quote, ThreadSummary } from './history.ts';

/** Of a path that names a message, and a reaction to it. */
export const MessageParams = z.object({ cid: Cid, seq: numeral(Seq) });
export const ReactionParams = MessageParams.extend({ emoji: Emoji });

export const SendMessage = z
  .object({
    mid: Mid,
    clientId: ClientId.default('rest'),
    kind: KindName,
    body: Body,
    replyTo: Seq.optional(),
    threadRoot: Seq.optional(),
    /** Of a reply in a thread: it is shown in the conversation too. */
    showInChannel: z.boolean().optional(),
    expiresIn: ExpiresIn.optional(),
    expiresAfterRead: ExpiresAfterRead.optional(),
  })
  .meta({ id: 'SendMessage' });
export type SendMessage = z.infer<typeof SendMessage>;

/** The same with the conversation in the body: `POST /send`, the way up beside SSE. */
export const SendAnywhere = SendMessage.extend({ cid: Cid }).meta({ id: 'SendAnywhere' });

export const Sent = z.object({ cid: Cid, seq: Seq, mid: Mid, at: Millis }).meta({ id: 'Sent' });
export type Sent = z.infer<typeof Sent>;

const limit = numeral(z.int().min(1).max(LIMITS.pageMessages)).default(50);

/**
 * At most one of the four; none is the newest page. `before` and `after` exclude their `seq`, `around` includes it. `at`
 * begins with the first message at or after that time.
 */
export const HistoryQuery = z
  .object({
    before: numeral(Seq).optional(),
    after: numeral(Pos).optional(),
    around: numeral(Seq).optional(),
    at: numeral(Millis).optional(),
    quotes: flag().optional(),
    threads: flag().optional(),
    limit,
  })
  .refine((q) => [q.before, q.after, q.around, q.at].filter((place) => place !== undefined).length <= 1, {
    message: 'before, after, around and at exclude each other',
  });
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/**
 * Ascending by `seq`. `first` is the oldest message still kept. A page may end before `limit`, because of its bytes:
 * `more` says whether there is more in the direction asked (with `around`, in either). `quotes` are those of its replies,
 * `threads` of its messages that have replies, where they were asked for.
 */
export const HistoryPage = z
  .object({
    ...{ items: z.array(MessageDown), head: Pos, rev: Rev, first: Seq, epoch: Epoch, more: z.boolean() },
    quotes: z.array(Quote).optional(),
    threads: z.array(ThreadSummary).optional(),
  })
  .meta({ id: 'HistoryPage' });
export type HistoryPage = z.infer<typeof HistoryPage>;

export const ChangesQuery = z.object({ after: numeral(Rev).default(0), limit });
export type ChangesQuery = z.infer<typeof ChangesQuery>;

/** Final states of changed messages, ascending by `rev`; `rev` is the conversation's own. `more` as in a page of history. */
export const ChangesPage = z
  .object({ items: z.array(UpdateDown), rev: Rev, more: z.boolean() })
  .meta({ id: 'ChangesPage' });
export type ChangesPage = z.infer<typeof ChangesPage>;

export const EditMessage = z.object({ body: Body }).meta({ id: 'EditMessage' });

/** What the change of this `rev` replaced, by whom and when. `body` is null where it is not shown (REV-15). */
export const FormerBody = z
  .object({ rev: Rev, action: z.enum(['edit', 'recall']), body: Body.nullable(), by: Person, at: Millis })
  .meta({ id: 'FormerBody' });
export type FormerBody = z.infer<typeof FormerBody>;

export const ReadUpTo = z.object({ pos: Pos }).meta({ id: 'ReadUpTo' });
/** `pos` is where the user stands now: never behind an earlier report, never beyond the head. */
export const ReadPosition = z.object({ pos: Pos, unread: z.int().min(0) }).meta({ id: 'ReadPosition' });
export type ReadPosition = z.infer<typeof ReadPosition>;
