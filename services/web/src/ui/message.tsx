import type { Message } from '@messagecore/protocol';
import { type FocusEvent, useRef, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { isMentioned } from '../chat/mentions.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import type { Thread } from '../chat/threads.ts';
import { forwardedFrom, type Row, textOf } from '../chat/timeline.ts';
import { useTexts } from '../i18n/language.ts';
import { Edits } from '../panels/edits.tsx';
import { ForwardDialog } from '../panels/forward-dialog.tsx';
import { ReactionDialog } from '../panels/reaction-dialog.tsx';
import { Receipts } from '../panels/receipts.tsx';
import { RemindDialog } from '../panels/remind-dialog.tsx';
import { WhoReacted } from '../panels/who-reacted.tsx';
import { Avatar } from './avatar.tsx';
import { EditForm } from './edit-form.tsx';
import { Problem } from './form.tsx';
import { LinkPreviews } from './link-previews.tsx';
import { MessageActions } from './message-actions.tsx';
import { MessageBody } from './message-body.tsx';
import { MessageFooter } from './message-footer.tsx';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import { ThreadSummary } from './thread-summary.tsx';
import { TranslationView } from './translation.tsx';
import { useAction, useActions } from './use-action.ts';
import type { Composing } from './use-composing.ts';
import { type DeedsOptions, type MessageDialog, useDeeds } from './use-deeds.ts';
import { useTranslating } from './use-translating.ts';

export interface MessageProps {
  readonly chat: Chat;
  readonly row: Row & { readonly type: 'message' };
  readonly state: ChatState;
  readonly composing: Composing;
  /** It was asked for, and is shown for that. */
  readonly isAimedAt?: boolean;
  /** The thread of this message, if it has one. */
  readonly thread?: Thread | undefined;
  /** Undefined where it stands in a thread. */
  readonly onThread?: (() => void) | undefined;
}

export function MessageBubble({ row: told, ...props }: MessageProps) {
  const { chat, state, composing, isAimedAt = false, thread, onThread } = props;
  const row = { ...told, message: chat.messages.shown(told.message) };
  const texts = useTexts();
  const { isActive, listeners } = useAttention();
  const article = useRef<HTMLElement>(null);
  const action = useAction();
  const actions = useActions();
  const [dialog, setDialog] = useState<MessageDialog>();
  const { message, mine, starts, ends } = row;
  const { seq } = message;
  const name = nameOf(state, message.from);
  const text = textOf(message);
  const isEditing = composing.editing === seq && text !== undefined;
  const endEditing = useEndEditing({ article, action, composing });
  const translating = useTranslating(chat, message);
  const deeds = useDeeds({ ...props, row, action, actions, article, onDialog: setDialog, translating });

  return (
    <li
      className="message"
      data-mine={mine}
      data-starts={starts}
      data-ends={ends}
      data-seq={seq}
      data-aimed={isAimedAt}
      data-mentioned={isMentioned(message, chat.me, state.groups)}
      {...listeners}
    >
      {!mine && ends && <Avatar id={message.from} name={name} size="small" />}
      <article ref={article} className="bubble" tabIndex={0}>
        <header className={mine || !starts ? 'visually-hidden' : 'author'}>{mine ? texts.you : name}</header>
        <Above {...{ chat, state, message, onThread }} />
        {isEditing ? (
          <EditForm
            text={text}
            busy={action.busy}
            onSave={(edited) =>
              void action.run(() => chat.messages.edit(message, edited)).then((isDone) => isDone && endEditing())
            }
            onCancel={endEditing}
          />
        ) : (
          <MessageBody {...{ chat, state, message }} />
        )}
        {!isEditing && <TranslationView {...translating} />}
        <MessageFooter row={row} state={state} onReceipts={deeds.onReceipts} />
        <Below {...{ state, message, thread, onThread }} onReact={deeds.onReact} onWho={() => setDialog('reactions')} />
        <Problem text={action.error ?? actions.error} />
        {message.recalled !== true && !isEditing && <MessageActions isActive={isActive} {...deeds} />}
      </article>
      <Dialogs {...{ chat, state, message, dialog }} onReact={deeds.onReact} onClose={() => setDialog(undefined)} />
    </li>
  );
}

interface DialogsProps extends Pick<MessageProps, 'chat' | 'state'>, Held {
  readonly dialog: MessageDialog | undefined;
  readonly onReact: ((emoji: string) => void) | undefined;
  readonly onClose: () => void;
}

/** What is open in front of a message. */
function Dialogs({ chat, state, message, dialog, onReact, onClose }: DialogsProps) {
  switch (dialog) {
    case 'reactions':
      return <WhoReacted {...{ chat, message, onClose }} emojis={state.emojis} />;
    case 'receipts':
      return <Receipts {...{ chat, message, onClose }} />;
    case 'forward':
      return <ForwardDialog {...{ chat, state, message, onClose }} />;
    case 'react':
      return onReact === undefined ? null : <ReactionDialog {...{ onReact, onClose }} emojis={state.emojis} />;
    case 'remind':
      return <RemindDialog {...{ chat, message, onClose }} />;
    case 'edits':
      return <Edits {...{ chat, state, message, onClose }} />;
    case undefined:
      return null;
  }
}

/** Where a message comes from, and what it answers. */
function Above({ chat, state, message, onThread }: Pick<MessageProps, 'chat' | 'state' | 'onThread'> & Held) {
  const texts = useTexts();
  const { cid, threadRoot, replyTo } = message;
  const author = forwardedFrom(message);
  return (
    <>
      {threadRoot !== undefined && onThread !== undefined && (
        <button type="button" className="thread-summary" onClick={onThread}>
          {texts.repliedInThread}
        </button>
      )}
      {author !== undefined && <small className="forwarded">{texts.forwardedFrom(state.names.get(author))}</small>}
      {replyTo !== undefined && <Quote {...{ chat, state, cid }} seq={replyTo} />}
    </>
  );
}

interface Held {
  readonly message: Message;
}

interface BelowProps extends Pick<MessageProps, 'state' | 'thread' | 'onThread'>, Held {
  readonly onReact: ((emoji: string) => void) | undefined;
  readonly onWho: () => void;
}

/** What came of a message: previews, reactions, a thread. */
function Below({ state, message, thread, onThread, onReact, onWho }: BelowProps) {
  const { reactions } = message;
  return (
    <>
      <LinkPreviews message={message} />
      {reactions !== undefined && (
        <Reactions own={state.ownReactions} emojis={state.emojis} {...{ message, reactions, onReact, onWho }} />
      )}
      {thread !== undefined && thread.replies > 0 && onThread !== undefined && (
        <ThreadSummary thread={thread} onOpen={onThread} />
      )}
    </>
  );
}

/** The focus goes back to the message. */
function useEndEditing({ article, action, composing }: Pick<DeedsOptions, 'article' | 'action' | 'composing'>) {
  return () => {
    // What was refused is told no more.
    void action.run(() => Promise.resolve());
    composing.edit(undefined);
    article.current?.focus();
  };
}

/** Whether a message is pointed at, or has the focus of the keyboard. */
function useAttention() {
  const [isPointedAt, setIsPointedAt] = useState(false);
  const [hasFocus, setHasFocus] = useState(false);
  const listeners = {
    // A message that takes the place of its echo is not entered: React takes it for a way inside of the page.
    onPointerOver: () => setIsPointedAt(true),
    onPointerLeave: () => setIsPointedAt(false),
    onFocus: ({ target }: FocusEvent) => {
      if (target.matches(':focus-visible')) setHasFocus(true);
    },
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
      if (!currentTarget.contains(relatedTarget)) setHasFocus(false);
    },
  };
  return { isActive: isPointedAt || hasFocus, listeners };
}
