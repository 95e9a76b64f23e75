import { type ReactNode, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import { type ChatState, type ConversationState, nameOf } from '../chat/state.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { DateDialog } from '../panels/date-dialog.tsx';
import { isListener } from '../panels/may.ts';
import { Pinned } from '../panels/pinned.tsx';
import { RoomDialog } from '../panels/room-dialog.tsx';
import { Avatar } from './avatar.tsx';
import { BackIcon, CalendarIcon, PinIcon, SettingsIcon } from './icons.tsx';

export interface ConversationHeadProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
  readonly title: string;
}

/** What the conversation is called, who takes part, and all that there is to know about it. */
export function ConversationHead({ chat, state, conversation, title }: ConversationHeadProps) {
  const texts = useTexts();
  const language = useLanguage();
  const [dialog, setDialog] = useState<'room' | 'pins' | 'date'>();
  const { cid, members, info } = conversation;
  const { peer } = info;
  const { lastSeen } = state.presence.get(peer ?? '') ?? {};
  const room = { chat, state, conversation };
  const others = members.filter((user) => user !== chat.me).map((user) => nameOf(state, user));
  const together = members.length > 6 ? texts.people(members.length) : texts.together([...others, texts.you]);
  return (
    <>
      <header className="conversation-head">
        <button type="button" className="round back" aria-label={texts.back} onClick={() => chat.open(undefined)}>
          <BackIcon />
        </button>
        <Avatar id={peer ?? cid} name={title} presence={state.presence.get(peer ?? '')} />
        <div className="conversation-title">
          <h2>{title}</h2>
          <p>
            {isListener(info) ? texts.listening : together}
            {lastSeen !== undefined && ` · ${texts.lastSeenAt(dateOf(lastSeen, language))}`}
          </p>
        </div>
        <span className="about">
          <Opener text={texts.goToDate} icon={<CalendarIcon />} onClick={() => setDialog('date')} />
          {!isListener(info) && (
            <>
              <Opener text={texts.pinnedMessages} icon={<PinIcon />} onClick={() => setDialog('pins')} />
              <Opener text={texts.aboutConversation} icon={<SettingsIcon />} onClick={() => setDialog('room')} />
            </>
          )}
        </span>
      </header>
      {dialog === 'room' && <RoomDialog {...room} onClose={() => setDialog(undefined)} />}
      {dialog === 'date' && <DateDialog chat={chat} cid={cid} onClose={() => setDialog(undefined)} />}
      {dialog === 'pins' && <Pinned {...room} onClose={() => setDialog(undefined)} />}
    </>
  );
}

interface OpenerProps {
  readonly text: string;
  readonly icon: ReactNode;
  readonly onClick: () => void;
}

/** Opens a dialog. */
function Opener({ text, icon, onClick }: OpenerProps) {
  return (
    <button type="button" className="round" aria-label={text} title={text} aria-haspopup="dialog" onClick={onClick}>
      {icon}
    </button>
  );
}
