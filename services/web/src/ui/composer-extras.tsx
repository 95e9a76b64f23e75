import { LIMITS } from '@messagecore/protocol/constants';
import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { expiryOf, type Lifetime, lifetimesFor } from '../chat/lifetime.ts';
import type { Place } from '../chat/send-calls.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { LifetimeDialog } from '../panels/lifetime-dialog.tsx';
import { PollDialog } from '../panels/poll-dialog.tsx';
import { ScheduleDialog } from '../panels/schedule-dialog.tsx';
import { ClockIcon, PlusIcon, PollIcon, TimerIcon } from './icons.tsx';

export interface ComposerExtrasProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  readonly place: Place;
  /** What stands in the field. */
  readonly text: string;
  /** When the message disappears. */
  readonly lifetime: Lifetime;
  readonly onLifetime: (lifetime: Lifetime) => void;
  /** Something has gone another way than the field, to the same place; what stands in the field from then on. */
  readonly onUsed: (text: string) => void;
}

/** What can be sent beside a text, at another time, or for a while. What is sent later stays. */
export function ComposerExtras(props: ComposerExtrasProps) {
  const { chat, state, cid, place, text, lifetime, onLifetime, onUsed } = props;
  const texts = useTexts();
  const [dialog, setDialog] = useState<'poll' | 'later' | 'lifetime'>();
  const participants = state.conversations.get(cid)?.members.length ?? 0;
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
          <button type="button" aria-haspopup="dialog" onClick={() => setDialog('lifetime')}>
            <TimerIcon />
            {texts.disappearing}
          </button>
          {lifetime === 'always' && (
            <button type="button" aria-haspopup="dialog" onClick={() => setDialog('later')}>
              <ClockIcon />
              {texts.sendLater}
            </button>
          )}
        </div>
      </details>
      {dialog === 'poll' && (
        <PollDialog
          onSend={(body) => {
            chat.sends.poll(cid, body, { ...place, ...expiryOf(lifetime) });
            onUsed(text);
          }}
          onClose={close}
        />
      )}
      {dialog === 'lifetime' && (
        <LifetimeDialog
          lifetime={lifetime}
          offered={lifetimesFor(participants, LIMITS.expiresAfterReadParticipants)}
          onChosen={onLifetime}
          onClose={close}
        />
      )}
      {dialog === 'later' && (
        <ScheduleDialog {...{ chat, state, cid, place, text }} onScheduled={() => onUsed('')} onClose={close} />
      )}
    </>
  );
}
