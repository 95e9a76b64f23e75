import { systemClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol/constants';
import type { Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import { suggestedTime } from '../chat/reminders.ts';
import { type ChatState, titleOf } from '../chat/state.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form, Problem } from '../ui/form.tsx';
import { Said } from '../ui/said.tsx';
import { UnreadMark } from '../ui/thread-summary.tsx';
import { useAction } from '../ui/use-action.ts';
import { useMoment } from '../ui/use-moment.ts';
import { ActionButton } from './action-button.tsx';
import { AllowNotifications } from './allow-notifications.tsx';
import { Pages } from './pages.tsx';

export interface OwnRemindersProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onClose: () => void;
}

type Reminder = Operations['reminders.list']['result']['items'][number];

/** What one is reminded of, those that are due first. */
export function OwnReminders({ chat, state, onClose }: OwnRemindersProps) {
  const texts = useTexts();
  const { client } = chat;
  const { changes } = state.reminders;
  const load = useCallback(
    (cursor: string | undefined) => client.call('reminders.list', cursor === undefined ? {} : { cursor }),
    // What has changed, here or elsewhere, is read anew.
    [client, changes],
  );
  return (
    <Dialog title={texts.myReminders} onClose={onClose}>
      <AllowNotifications />
      <Pages label={texts.myReminders} load={load} keyOf={({ reminderId }) => reminderId} none={texts.noReminders}>
        {(reminder) => <Entry {...{ chat, state, reminder }} onOpened={onClose} />}
      </Pages>
    </Dialog>
  );
}

interface EntryProps extends Pick<OwnRemindersProps, 'chat' | 'state'> {
  readonly reminder: Reminder;
  readonly onOpened: () => void;
}

function Entry({ chat, state, reminder, onOpened }: EntryProps) {
  const texts = useTexts();
  const [isEdited, setIsEdited] = useState(false);
  return (
    <>
      <div className="reminder">
        <About {...{ chat, state, reminder, onOpened }} />
        <span className="person-actions">
          <button
            type="button"
            className="secondary"
            aria-expanded={isEdited}
            onClick={() => setIsEdited((known) => !known)}
          >
            {texts.edit}
          </button>
          <ActionButton
            text={reminder.state === 'due' ? texts.done : texts.remove}
            work={() => chat.reminders.remove(reminder)}
          />
        </span>
      </div>
      {isEdited && <EditForm key={reminder.at} {...{ chat, reminder }} onChanged={() => setIsEdited(false)} />}
    </>
  );
}

/** Leads to the message, where there is one and it may still be seen. */
function About({ chat, state, reminder: { cid, seq, at, note, message, state: stage }, onOpened }: EntryProps) {
  const texts = useTexts();
  const language = useLanguage();
  const action = useAction();
  const conversation = state.conversations.get(cid ?? '');
  const title = cid === null ? (note ?? '') : conversation === undefined ? '…' : titleOf(state, conversation, chat.me);
  const shown = (
    <>
      <strong dir="auto">
        {title}
        {stage === 'due' && <UnreadMark text={texts.isDue} />}
      </strong>
      {message !== null && <Said message={message} state={state} />}
      {cid !== null && message === null && <span className="none">{texts.messageGone}</span>}
      {cid !== null && note !== null && <small dir="auto">{note}</small>}
      <small>{stage === 'due' ? texts.dueSince(dateOf(at, language)) : dateOf(at, language)}</small>
    </>
  );
  if (cid === null || seq === null || message === null) return <div className="thread-entry">{shown}</div>;
  return (
    <div>
      <button
        type="button"
        className="thread-entry"
        aria-disabled={action.busy}
        onClick={() => void action.run(() => chat.openMessage(cid, seq)).then((isDone) => isDone && onOpened())}
      >
        {shown}
      </button>
      <Problem text={action.error} />
    </div>
  );
}

interface EditFormProps extends Pick<EntryProps, 'chat' | 'reminder'> {
  readonly onChanged: () => void;
}

/** Its time and note. One that is due waits again, at a new time. */
function EditForm({ chat, reminder, onChanged }: EditFormProps) {
  const texts = useTexts();
  const action = useAction();
  const { at, note: before } = reminder;
  const moment = useMoment(reminder.state === 'due' ? suggestedTime('hour', systemClock.now()) : at);
  const [note, setNote] = useState(before ?? '');
  async function save(): Promise<void> {
    const said = note.trim() === '' ? null : note.trim();
    const change = { ...(moment.at !== at && { at: moment.at }), ...(said !== before && { note: said }) };
    if (Object.keys(change).length > 0) await chat.reminders.update(reminder, change);
  }
  return (
    <Form
      action={action}
      submit={texts.save}
      onSubmit={() => void action.run(save).then((isDone) => isDone && onChanged())}
    >
      <Field label={texts.remindAt} {...moment.field} required />
      <Field
        label={texts.reminderNote}
        maxLength={LIMITS.noteCharacters}
        required={reminder.cid === null}
        value={note}
        onValue={setNote}
      />
    </Form>
  );
}
