import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type ChatState, type ConversationState, nameOf, titleOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { RoomDialog } from '../panels/room-dialog.tsx';
import { Avatar } from './avatar.tsx';
import { Composer } from './composer.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { BackIcon, SettingsIcon } from './icons.tsx';
import { ThreadDrawer } from './thread-drawer.tsx';
import { TimelineView } from './timeline-view.tsx';

export interface ConversationProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
}

export function Conversation({ chat, state, conversation }: ConversationProps) {
  const texts = useTexts();
  const [isAsked, setIsAsked] = useState(false);
  const { cid, members, typing } = conversation;
  const thread = state.thread?.cid === cid ? state.thread : undefined;
  const title = titleOf(state, conversation, chat.me);
  const others = members.filter((user) => user !== chat.me).map((user) => nameOf(state, user));
  return (
    <>
      <main className="conversation">
        <header className="conversation-head">
          <button type="button" className="round back" aria-label={texts.back} onClick={() => chat.open(undefined)}>
            <BackIcon />
          </button>
          <Avatar id={conversation.info.peer ?? cid} name={title} />
          <div className="conversation-title">
            <h2>{title}</h2>
            <p>{members.length > 6 ? texts.people(members.length) : texts.together([...others, texts.you])}</p>
          </div>
          <button
            type="button"
            className="round about"
            aria-label={texts.aboutConversation}
            aria-haspopup="dialog"
            onClick={() => setIsAsked(true)}
          >
            <SettingsIcon />
          </button>
        </header>
        {isAsked && (
          <RoomDialog chat={chat} state={state} conversation={conversation} onClose={() => setIsAsked(false)} />
        )}
        <ConnectionBanner state={state} />
        <TimelineView key={cid} chat={chat} state={state} conversation={conversation} title={title} />
        <Typing names={[...typing].map((user) => nameOf(state, user))} />
        <Composer
          key={`compose ${cid}`}
          label={texts.write(title)}
          onSend={(text) => chat.send(cid, text)}
          onTyping={(on) => chat.typing(cid, on)}
        />
      </main>
      {thread !== undefined && (
        <ThreadDrawer
          key={`thread ${thread.seq}`}
          chat={chat}
          state={state}
          conversation={conversation}
          thread={thread}
          title={title}
        />
      )}
    </>
  );
}

function Typing({ names }: { readonly names: readonly string[] }) {
  const texts = useTexts();
  return (
    <p className="typing" role="status">
      {names.length > 0 && (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {texts.typing(names)}
        </>
      )}
    </p>
  );
}
