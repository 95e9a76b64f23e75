/** Messages that mention a user. */
import { z } from 'zod';
import { MessageDown } from '../wire/down.ts';
import { flag, PageQuery } from './common.ts';

/** By the user's name or id, with all participants, with those who were there, or with a group. */
export const MentionScope = z.enum(['user', 'all', 'here', 'group']).meta({ id: 'MentionScope' });

export const Mention = z
  .object({
    scope: MentionScope,
    unread: z.boolean().meta({ description: 'Whether it is behind the read position of the user' }),
    message: MessageDown,
  })
  .meta({ id: 'Mention' });
export type Mention = z.infer<typeof Mention>;

/** With `unread`, only those behind the read positions. */
export const MentionsQuery = PageQuery.extend({ unread: flag().default(false) });
export type MentionsQuery = z.infer<typeof MentionsQuery>;

/** Of all conversations together, and in how many of them there are any. */
export const UnreadMentions = z
  .object({ mentions: z.int().min(0), conversations: z.int().min(0) })
  .meta({ id: 'UnreadMentions' });
export type UnreadMentions = z.infer<typeof UnreadMentions>;
