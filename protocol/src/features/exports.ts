/** A conversation as lines of JSON, one after the other. */
import { z } from 'zod';
import { Cid, Epoch, Millis, Pos, Rev, Seq, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { Body, Emoji, Message } from '../wire/message.ts';
import { numeral } from '../wire/numeral.ts';
import { PageQuery } from './common.ts';
import { ConversationKind, Role } from './conversations.ts';

export const ExportQuery = PageQuery.extend({
  limit: numeral(z.int().min(1).max(LIMITS.exportedLines)).default(LIMITS.exportedLines),
});
export type ExportQuery = z.infer<typeof ExportQuery>;

/** Raised when a line of this type gets another shape. */
const v = z.literal(1);

/** `edit` is of an edit or recall, with the body that it replaced; that of a recalled message is gone. */
export const ExportLine = z
  .discriminatedUnion('type', [
    z.object({
      ...{ v, type: z.literal('conversation'), cid: Cid, kind: ConversationKind },
      ...{ name: z.string().nullable(), topic: z.string().nullable(), createdAt: Millis, exportedAt: Millis },
      ...{ first: Seq, head: Pos, rev: Rev, epoch: Epoch },
    }),
    z.object({
      ...{ v, type: z.literal('participant'), userId: UserId, externalId: z.string().nullable() },
      ...{ displayName: z.string(), role: Role, joinedAt: Millis },
    }),
    Message.extend({ v, type: z.literal('message') }),
    z.object({
      ...{ v, type: z.literal('edit'), seq: Seq, rev: Rev, action: z.enum(['edit', 'recall']) },
      ...{ by: UserId, at: Millis, body: Body.optional() },
    }),
    z.object({ v, type: z.literal('reaction'), seq: Seq, from: UserId, emoji: Emoji, at: Millis }),
  ])
  .meta({ id: 'ExportLine' });
export type ExportLine = z.infer<typeof ExportLine>;
