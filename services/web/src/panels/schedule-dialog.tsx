import { systemClock } from '@messagecore/kernel';
import type { Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import type { Place } from '../chat/send-calls.ts';
import { type ChatState, titleOf } from '../chat/state.ts';
import { wordsIn } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form, TextArea } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { Pages } from './pages.tsx';

const HOUR_MS = 3_600_000;

export interface ScheduleDialogProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  readonly place: Place;
  /** What stands in the field. */
  readonly text: string;
  readonly onScheduled: () => void;
  readonly onClose: () => void;
}

/** Has a message sent later, and lists what waits for its time. */
export function ScheduleDialog({ chat, state, cid, place, text: begun, onScheduled, onClose }: ScheduleDialogProps) {
  const texts = useTexts();
  const action = useAction();
  const [text, setText] = useState(begun);
  const [at, setAt] = useState(() => localTime(systemClock.now() + HOUR_MS));
  const [round, setRound] = useState(0);
  async function schedule(): Promise<void> {
    await chat.sends.later(cid, text.trim(), new Date(at).getTime(), place);
    setText('');
    setRound((known) => known + 1);
    onScheduled();
  }
  return (
    <Dialog title={texts.sendLater} onClose={onClose}>
      <Form action={action} submit={texts.sendLater} onSubmit={() => void action.run(schedule)}>
        <TextArea label={texts.messageText} value={text} onValue={setText} required maxLength={16_000} />
        <Field label={texts.sendAt} type="datetime-local" value={at} onValue={setAt} required />
      </Form>
      <h3>{texts.scheduled}</h3>
      <Scheduled key={round} chat={chat} state={state} />
    </Dialog>
  );
}

/** For a field of the browser: the time where the person is, to the minute. */
function localTime(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

type ScheduledMessage = Operations['scheduled.list']['result']['items'][number];

function Scheduled({ chat, state }: Pick<ScheduleDialogProps, 'chat' | 'state'>) {
  const texts = useTexts();
  const language = useLanguage();
  const { client } = chat;
  const load = useCallback(
    (cursor: string | undefined) => client.call('scheduled.list', cursor === undefined ? {} : { cursor }),
    [client],
  );
  const titleIn = (cid: string) => {
    const conversation = state.conversations.get(cid);
    return conversation === undefined ? '…' : titleOf(state, conversation, chat.me);
  };
  const noteOf = ({ cid, at, error }: ScheduledMessage) =>
    [titleIn(cid), dateOf(at, language), ...(error === null ? [] : [texts.failed(error)])].join(' · ');
  return (
    <Pages label={texts.scheduled} load={load} keyOf={({ mid }) => mid} none={texts.nothingScheduled}>
      {(message, reload) => (
        <div className="person">
          <span className="person-name">
            <bdi>{wordsIn(message) ?? message.kind}</bdi>
            <small>{noteOf(message)}</small>
          </span>
          <ActionButton
            text={texts.doNotSend}
            work={() => client.call('scheduled.remove', { cid: message.cid, mid: message.mid })}
            onDone={reload}
          />
        </div>
      )}
    </Pages>
  );
}
