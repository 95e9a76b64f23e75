import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type ChatState, type ConversationState, nameOf, titleOf } from '../chat/state.ts';
import { lastTextOf } from '../chat/timeline.ts';
import { useTexts } from '../i18n/language.ts';
import { Pinned } from '../panels/pinned.tsx';
import { RoomDialog } from '../panels/room-dialog.tsx';
import { Avatar } from './avatar.tsx';
import { Composer } from './composer.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { BackIcon, PinIcon, SettingsIcon } from './icons.tsx';
import { ThreadDrawer } from './thread-drawer.tsx';
import { TimelineView } from './timeline-view.tsx';
import { useComposing } from './use-composing.ts';

export interface ConversationProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
}

export function Conversation({ chat, state, conversation }: ConversationProps) {
  const texts = useTexts();
  const [dialog, setDialog] = useState<'room' | 'pins'>();
  const composing = useComposing();
  const { cid, members, timeline, typing } = conversation;
  const room = { chat, state, conversation };
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
          <span className="about">
            <button
              type="button"
              className="round"
              aria-label={texts.pinnedMessages}
              title={texts.pinnedMessages}
              aria-haspopup="dialog"
              onClick={() => setDialog('pins')}
            >
              <PinIcon />
            </button>
            <button
              type="button"
              className="round"
              aria-label={texts.aboutConversation}
              title={texts.aboutConversation}
              aria-haspopup="dialog"
              onClick={() => setDialog('room')}
            >
              <SettingsIcon />
            </button>
          </span>
        </header>
        {dialog === 'room' && <RoomDialog {...room} onClose={() => setDialog(undefined)} />}
        {dialog === 'pins' && <Pinned {...room} onClose={() => setDialog(undefined)} />}
        <ConnectionBanner state={state} />
        <TimelineView key={cid} {...room} title={title} composing={composing} />
        <Typing names={[...typing].map((user) => nameOf(state, user))} />
        <Composer
          key={`compose ${cid}`}
          label={texts.write(title)}
          me={chat.me}
          state={state}
          composing={composing}
          onSend={(text, place) => {
            chat.history.showNewest(cid);
            chat.sends.text(cid, text, place);
          }}
          onTyping={(on) => chat.typing(cid, on)}
          onEditLast={() => composing.edit(lastTextOf(timeline.messages, chat.me)?.seq)}
        />
      </main>
      {thread !== undefined && <ThreadDrawer key={`thread ${thread.seq}`} {...room} thread={thread} title={title} />}
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
