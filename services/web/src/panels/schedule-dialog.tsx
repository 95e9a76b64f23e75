import { systemClock } from '@messagecore/kernel';
import type { Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import type { Place } from '../chat/send-calls.ts';
import { type ChatState, titleOf } from '../chat/state.ts';
import { textBody } from '../chat/text-body.ts';
import { wordsIn } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form, TextArea } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { useMoment } from '../ui/use-moment.ts';
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
export function ScheduleDialog({ chat, state, cid, place, text, onScheduled, onClose }: ScheduleDialogProps) {
  const texts = useTexts();
  const [round, setRound] = useState(0);
  async function schedule(said: string, at: number): Promise<void> {
    await chat.sends.later(cid, said, at, place);
    setRound((known) => known + 1);
    onScheduled();
  }
  return (
    <Dialog title={texts.sendLater} onClose={onClose}>
      <LaterForm
        key={`form ${round}`}
        text={round === 0 ? text : ''}
        at={systemClock.now() + HOUR_MS}
        submit={texts.sendLater}
        onSubmit={schedule}
      />
      <h3>{texts.scheduled}</h3>
      <Scheduled key={round} chat={chat} state={state} />
    </Dialog>
  );
}

interface LaterFormProps {
  /** What stands in the fields at first. */
  readonly text: string;
  readonly at: number;
  readonly submit: string;
  readonly onSubmit: (text: string, at: number) => Promise<void>;
}

/** What is sent, and when. */
function LaterForm({ text: begun, at: suggested, submit, onSubmit }: LaterFormProps) {
  const texts = useTexts();
  const action = useAction();
  const [text, setText] = useState(begun);
  const moment = useMoment(suggested);
  const send = () => onSubmit(text.trim(), moment.at);
  return (
    <Form action={action} submit={submit} onSubmit={() => void action.run(send)}>
      <TextArea label={texts.messageText} value={text} onValue={setText} required maxLength={16_000} />
      <Field label={texts.sendAt} {...moment.field} required />
    </Form>
  );
}

type ScheduledMessage = Operations['scheduled.list']['result']['items'][number];

function Scheduled({ chat, state }: Pick<ScheduleDialogProps, 'chat' | 'state'>) {
  const texts = useTexts();
  const { client } = chat;
  const load = useCallback(
    (cursor: string | undefined) => client.call('scheduled.list', cursor === undefined ? {} : { cursor }),
    [client],
  );
  return (
    <Pages label={texts.scheduled} load={load} keyOf={({ mid }) => mid} none={texts.nothingScheduled}>
      {(message, reload) => <Entry {...{ chat, state, message }} onChanged={reload} />}
    </Pages>
  );
}

interface EntryProps extends Pick<ScheduleDialogProps, 'chat' | 'state'> {
  readonly message: ScheduledMessage;
  readonly onChanged: () => void;
}

/** What waits: its text and time may be changed until then, or after it could not be sent. */
function Entry({ chat, state, message, onChanged }: EntryProps) {
  const texts = useTexts();
  const language = useLanguage();
  const [isEdited, setIsEdited] = useState(false);
  const { client } = chat;
  const { cid, mid, kind, body, at, error } = message;
  const conversation = state.conversations.get(cid);
  const title = conversation === undefined ? '…' : titleOf(state, conversation, chat.me);
  const notes = [title, dateOf(at, language), ...(error === null ? [] : [texts.failed(error)])];
  const { text, format: _, ...more } = body;
  async function change(said: string, then: number): Promise<void> {
    const moved = then === at ? {} : { at: then };
    await client.call('scheduled.update', { cid, mid, ...moved, body: { ...more, ...textBody(said) } });
    setIsEdited(false);
    onChanged();
  }
  return (
    <>
      <div className="person">
        <span className="person-name">
          <bdi>{wordsIn(message) ?? kind}</bdi>
          <small>{notes.join(' · ')}</small>
        </span>
        {kind === 'text' && (
          <button
            type="button"
            className="secondary"
            aria-expanded={isEdited}
            onClick={() => setIsEdited((known) => !known)}
          >
            {texts.edit}
          </button>
        )}
        <ActionButton
          text={texts.doNotSend}
          work={() => client.call('scheduled.remove', { cid, mid })}
          onDone={onChanged}
        />
      </div>
      {isEdited && typeof text === 'string' && (
        <LaterForm key={at} text={text} at={at} submit={texts.save} onSubmit={change} />
      )}
    </>
  );
}
