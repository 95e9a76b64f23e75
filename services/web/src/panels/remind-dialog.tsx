import { systemClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol/constants';
import type { Message } from '@messagecore/protocol';
import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { momentOf } from '../chat/format.ts';
import { SUGGESTIONS, suggestedTime } from '../chat/reminders.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { BellIcon } from '../ui/icons.tsx';
import { useAction } from '../ui/use-action.ts';
import { useMoment } from '../ui/use-moment.ts';

export interface RemindDialogProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly onClose: () => void;
}

/** Reminds of a message: at one of the times that are suggested, as they are shown, or at another one. */
export function RemindDialog({ chat, message, onClose }: RemindDialogProps) {
  const texts = useTexts();
  const language = useLanguage();
  const action = useAction();
  const [now] = useState(() => systemClock.now());
  const [note, setNote] = useState('');
  const moment = useMoment(suggestedTime('tomorrow', now));
  const remind = (at: number) =>
    void action.run(() => chat.reminders.create(message, at, note.trim())).then((isDone) => isDone && onClose());
  return (
    <Dialog title={texts.remindMe} onClose={onClose}>
      <ul className="suggestions">
        {SUGGESTIONS.map((each) => {
          const at = suggestedTime(each, now);
          return (
            <li key={each}>
              <button type="button" aria-disabled={action.busy} onClick={() => remind(at)}>
                <BellIcon />
                {texts.suggestion[each]}
                <time dateTime={new Date(at).toISOString()}>{momentOf(at, now, language)}</time>
              </button>
            </li>
          );
        })}
      </ul>
      <Form action={action} submit={texts.remindThen} onSubmit={() => remind(moment.at)}>
        <Field label={texts.remindAt} {...moment.field} required />
        <Field label={texts.reminderNote} maxLength={LIMITS.noteCharacters} value={note} onValue={setNote} />
      </Form>
    </Dialog>
  );
}
