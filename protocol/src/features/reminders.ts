/** What a user wants to be reminded of. */
import { z } from 'zod';
import { MessageDown } from '../wire/down.ts';
import { Cid, Mid, Millis, Seq, storable } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';

/** A user's own words about a message. */
export const Note = storable().min(1).max(LIMITS.noteCharacters);

/** Made by the client, like the id of a message: a repeat makes no second reminder. */
const ReminderId = Mid;
export const ReminderParams = z.object({ reminderId: ReminderId });

export const CreateReminder = z
  .object({ reminderId: ReminderId, at: Millis, cid: Cid.optional(), seq: Seq.optional(), note: Note.optional() })
  .refine(({ cid, seq }) => (cid === undefined) === (seq === undefined), { message: 'cid and seq go together' })
  .refine(({ cid, note }) => cid !== undefined || note !== undefined, { message: 'a message or a note is needed' })
  .meta({ id: 'CreateReminder' });
export type CreateReminder = z.infer<typeof CreateReminder>;

/** Without a `note` it stays; null takes it away, of a message's reminder. */
export const UpdateReminder = z
  .object({ at: Millis.optional(), note: Note.nullable().optional() })
  .refine(({ at, note }) => at !== undefined || note !== undefined, { message: 'at or note is needed' })
  .meta({ id: 'UpdateReminder' });
export type UpdateReminder = z.infer<typeof UpdateReminder>;

/** `due` from its time on, until it is removed or given a new time. `removed` is said once. */
export const ReminderState = z
  .object({
    reminderId: ReminderId,
    at: Millis,
    cid: Cid.nullable(),
    seq: Seq.nullable(),
    note: z.string().nullable(),
    state: z.enum(['waiting', 'due', 'removed']),
  })
  .meta({ id: 'ReminderState' });
export type ReminderState = z.infer<typeof ReminderState>;

/** `message` as it is now; null where there is none, and where the user may not see it any more. */
export const Reminder = ReminderState.extend({ message: MessageDown.nullable() }).meta({ id: 'Reminder' });
export type Reminder = z.infer<typeof Reminder>;
