import type { Chat } from '../chat/chat.ts';
import { type ChatState, type ConversationState, nameOf, titleOf } from '../chat/state.ts';
import { lastTextOf } from '../chat/timeline.ts';
import { useTexts } from '../i18n/language.ts';
import { isListener } from '../panels/may.ts';
import { Composer } from './composer.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { Listening } from './listening.tsx';
import { ThreadDrawer } from './thread-drawer.tsx';
import { TimelineView } from './timeline-view.tsx';
import { useDraftedComposing } from './use-composing.ts';
import { useMentionable } from './use-mentionable.ts';

export interface ConversationProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
}

export function Conversation({ chat, state, conversation }: ConversationProps) {
  const texts = useTexts();
  const composing = useDraftedComposing(chat, state, conversation.cid);
  const { cid, info, timeline, typing } = conversation;
  const room = { chat, state, conversation };
  const thread = state.thread?.cid === cid ? state.thread : undefined;
  const title = titleOf(state, conversation, chat.me);
  const people = useMentionable(state, conversation, chat.me);
  return (
    <>
      <main className="conversation">
        <ConversationHead {...room} title={title} />
        <ConnectionBanner state={state} />
        <TimelineView key={cid} {...room} title={title} composing={composing} />
        <Typing names={[...typing].map((user) => nameOf(state, user))} />
        {isListener(info) ? (
          <Listening chat={chat} cid={cid} />
        ) : (
          <Composer
            key={`compose ${cid}`}
            label={texts.write(title)}
            {...{ chat, state, cid, composing, people }}
            draft={state.drafts.get(cid)?.text ?? ''}
            onDraft={(text, replyTo) => chat.drafts.write(cid, text, replyTo)}
            onSend={(text, place) => {
              chat.history.showNewest(cid);
              chat.sends.text(cid, text, place);
            }}
            onEditLast={() => composing.edit(lastTextOf(timeline.messages, chat.me)?.seq)}
          />
        )}
      </main>
      {thread !== undefined && (
        <ThreadDrawer people={people} key={`thread ${thread.seq}`} {...room} thread={thread} title={title} />
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
