import { systemClock } from '@messagecore/kernel';
import type { ReminderState } from '@messagecore/sdk';
import { useCallback, useId, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dueKey, suggestedTime } from '../chat/reminders.ts';
import { type ChatState, titleOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { ActionButton } from '../panels/action-button.tsx';
import { Problem } from './form.tsx';
import { BellIcon, CloseIcon } from './icons.tsx';
import { Said } from './said.tsx';
import { useAction, useLoaded } from './use-action.ts';
import { useDesktopNotices } from './use-desktop-notices.ts';
import { compose } from './use-shortcuts.ts';

export interface ReminderNoticeProps {
  readonly chat: Chat;
  readonly state: ChatState;
  /** Shows all of them. */
  readonly onAll: () => void;
}

/** What is due, the first of it, until the person deals with it or puts the notice away. */
export function ReminderNotice({ chat, state, onAll }: ReminderNoticeProps) {
  const texts = useTexts();
  const { due } = state.reminders;
  const [putAway, setPutAway] = useState<ReadonlySet<string>>(new Set());
  const hide = (reminder: ReminderState) => setPutAway((known) => new Set(known).add(dueKey(reminder)));
  const shown = due.filter((each) => !putAway.has(dueKey(each)));
  const [first] = shown;
  useDesktopNotices({
    due,
    title: texts.reminder,
    wordsOf: (reminder) => subjectOf(reminder, state, chat.me),
    onOpen: (reminder) => {
      const { cid, seq } = reminder;
      hide(reminder);
      if (cid !== null && seq !== null) void chat.openMessage(cid, seq).catch(onAll);
      else onAll();
    },
  });
  return (
    <div className="notices" role="status">
      {first !== undefined && (
        <Notice
          key={dueKey(first)}
          {...{ chat, state }}
          reminder={first}
          others={shown.length - 1}
          onAll={onAll}
          onHide={() => hide(first)}
        />
      )}
    </div>
  );
}

/** Its note, or where the message stands. */
function subjectOf({ cid, note }: ReminderState, state: ChatState, me: string): string {
  const conversation = state.conversations.get(cid ?? '');
  return note ?? (conversation === undefined ? '…' : titleOf(state, conversation, me));
}

interface NoticeProps extends ReminderNoticeProps {
  readonly reminder: ReminderState;
  /** How many more are due. */
  readonly others: number;
  readonly onHide: () => void;
}

function Notice({ chat, state, reminder, others, onAll, onHide }: NoticeProps) {
  const texts = useTexts();
  const id = useId();
  const action = useAction();
  const { cid, seq } = reminder;
  const conversation = state.conversations.get(cid ?? '');
  const hide = () => {
    onHide();
    compose();
  };
  return (
    <section className="notice" aria-labelledby={id}>
      <header>
        <BellIcon />
        <h2 id={id}>
          {texts.reminder}
          {conversation !== undefined && <span>{titleOf(state, conversation, chat.me)}</span>}
        </h2>
        <button type="button" className="round" aria-label={texts.dismiss} title={texts.dismiss} onClick={hide}>
          <CloseIcon />
        </button>
      </header>
      <Subject {...{ chat, state, reminder }} />
      <Problem text={action.error} />
      <span className="person-actions">
        {cid !== null && seq !== null && (
          <button
            type="button"
            className="secondary"
            aria-disabled={action.busy}
            onClick={() => void action.run(() => chat.openMessage(cid, seq)).then((isDone) => isDone && onHide())}
          >
            {texts.openMessage}
          </button>
        )}
        <ActionButton
          text={texts.suggestion.minutes20}
          work={() => chat.reminders.update(reminder, { at: suggestedTime('minutes20', systemClock.now()) })}
          onDone={compose}
        />
        <ActionButton text={texts.done} work={() => chat.reminders.remove(reminder)} onDone={compose} />
        {others > 0 && (
          <button type="button" className="plain" aria-haspopup="dialog" onClick={onAll}>
            {texts.moreDue(others)}
          </button>
        )}
      </span>
    </section>
  );
}

/** The message, where it may still be seen, and the note. */
function Subject({ chat, state, reminder }: Pick<NoticeProps, 'chat' | 'state' | 'reminder'>) {
  const { cid, seq, note } = reminder;
  const load = useCallback(
    async () => (cid === null || seq === null ? undefined : chat.messages.at(cid, seq)),
    [chat, cid, seq],
  );
  const { data: message } = useLoaded(load);
  return (
    <>
      {message !== undefined && (
        <p>
          <Said message={message} state={state} />
        </p>
      )}
      {note !== null && <p dir="auto">{note}</p>}
    </>
  );
}
