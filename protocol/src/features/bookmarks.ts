/** Messages that a user keeps at hand, for nobody else to see. */
import { z } from 'zod';
import { MessageDown } from '../wire/down.ts';
import { Cid, Millis, Seq } from '../wire/ids.ts';
import { Note } from './reminders.ts';

export const SetBookmark = z.object({ note: Note.optional() }).meta({ id: 'SetBookmark' });

/** `at`, when it was made, is null when there is none any more. */
export const BookmarkState = z
  .object({ cid: Cid, seq: Seq, note: z.string().nullable(), at: Millis.nullable() })
  .meta({ id: 'BookmarkState' });
export type BookmarkState = z.infer<typeof BookmarkState>;

/** `message` as it is now; null where the user may not see it any more. */
export const Bookmark = BookmarkState.extend({ message: MessageDown.nullable() }).meta({ id: 'Bookmark' });
export type Bookmark = z.infer<typeof Bookmark>;
