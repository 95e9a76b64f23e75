import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { Place } from '../chat/send-calls.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { PollDialog } from '../panels/poll-dialog.tsx';
import { ScheduleDialog } from '../panels/schedule-dialog.tsx';
import { ClockIcon, PlusIcon, PollIcon } from './icons.tsx';

export interface ComposerExtrasProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  readonly place: Place;
  /** What stands in the field. */
  readonly text: string;
  /** Something has gone another way than the field, to the same place; what stands in the field from then on. */
  readonly onUsed: (text: string) => void;
}

/** What can be sent beside a text, or at another time. */
export function ComposerExtras({ chat, state, cid, place, text, onUsed }: ComposerExtrasProps) {
  const texts = useTexts();
  const [dialog, setDialog] = useState<'poll' | 'later'>();
  const close = () => setDialog(undefined);
  return (
    <>
      <details className="menu extras">
        <summary aria-label={texts.extras} title={texts.extras}>
          <PlusIcon />
        </summary>
        <div onClick={({ currentTarget }) => currentTarget.closest('details')?.removeAttribute('open')}>
          <button type="button" aria-haspopup="dialog" onClick={() => setDialog('poll')}>
            <PollIcon />
            {texts.newPoll}
          </button>
          <button type="button" aria-haspopup="dialog" onClick={() => setDialog('later')}>
            <ClockIcon />
            {texts.sendLater}
          </button>
        </div>
      </details>
      {dialog === 'poll' && (
        <PollDialog
          onSend={(body) => {
            chat.sends.poll(cid, body, place);
            onUsed(text);
          }}
          onClose={close}
        />
      )}
      {dialog === 'later' && (
        <ScheduleDialog {...{ chat, state, cid, place, text }} onScheduled={() => onUsed('')} onClose={close} />
      )}
    </>
  );
}
