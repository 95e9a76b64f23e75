import type { Message } from '@messagecore/protocol';
import { type FocusEvent, type RefObject, useRef, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { timeOf } from '../chat/format.ts';
import { addressOf } from '../chat/message-links.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import type { Thread } from '../chat/threads.ts';
import { type Row, textOf } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { mayPin } from '../panels/may.ts';
import { Receipts } from '../panels/receipts.tsx';
import { WhoReacted } from '../panels/who-reacted.tsx';
import { Avatar } from './avatar.tsx';
import { EditForm } from './edit-form.tsx';
import { Problem } from './form.tsx';
import { type Deeds, MessageActions } from './message-actions.tsx';
import { MessageFooter } from './message-footer.tsx';
import { MessageText } from './message-text.tsx';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import { ThreadSummary } from './thread-summary.tsx';
import { type Action, useAction, useActions } from './use-action.ts';
import type { Composing } from './use-composing.ts';

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

export function MessageBubble({
  chat,
  row: told,
  state,
  composing,
  isAimedAt = false,
  thread,
  onThread,
}: MessageProps) {
  const row = { ...told, message: chat.messages.shown(told.message) };
  const texts = useTexts();
  const { isActive, listeners } = useAttention();
  const article = useRef<HTMLElement>(null);
  const action = useAction();
  const actions = useActions();
  const [dialog, setDialog] = useState<'reactions' | 'receipts'>();
  const { message, mine, starts, ends } = row;
  const { cid, seq, replyTo } = message;
  const name = nameOf(state, message.from);
  const text = textOf(message);
  const isEditing = composing.editing === seq && text !== undefined;
  const endEditing = useEndEditing({ article, action, composing });
  const deeds = useDeeds({
    chat,
    row,
    state,
    composing,
    action,
    actions,
    article,
    onThread,
    onReceipts: () => setDialog('receipts'),
  });
  const closeDialog = () => setDialog(undefined);

  return (
    <li
      className="message"
      data-mine={mine}
      data-starts={starts}
      data-ends={ends}
      data-seq={seq}
      data-aimed={isAimedAt}
      {...listeners}
    >
      {!mine && ends && <Avatar id={message.from} name={name} size="small" />}
      <article ref={article} className="bubble" tabIndex={0}>
        <header className={mine || !starts ? 'visually-hidden' : 'author'}>{mine ? texts.you : name}</header>
        {replyTo !== undefined && <Quote {...{ chat, state, cid }} seq={replyTo} />}
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
          <Words message={message} me={chat.me} state={state} />
        )}
        <MessageFooter row={row} state={state} onReceipts={deeds.onReceipts} />
        {message.reactions !== undefined && (
          <Reactions
            own={state.ownReactions}
            message={message}
            reactions={message.reactions}
            onReact={deeds.onReact}
            onWho={() => setDialog('reactions')}
          />
        )}
        {thread !== undefined && thread.replies > 0 && onThread !== undefined && (
          <ThreadSummary thread={thread} onOpen={onThread} />
        )}
        <Problem text={action.error ?? actions.error} />
        {message.recalled !== true && !isEditing && <MessageActions isActive={isActive} {...deeds} />}
      </article>
      {dialog === 'reactions' && <WhoReacted chat={chat} message={message} onClose={closeDialog} />}
      {dialog === 'receipts' && <Receipts chat={chat} message={message} onClose={closeDialog} />}
    </li>
  );
}

interface DeedsOptions extends Pick<MessageProps, 'chat' | 'row' | 'state' | 'composing' | 'onThread'> {
  readonly action: Action;
  readonly actions: Pick<Action, 'run'>;
  readonly article: RefObject<HTMLElement | null>;
  readonly onReceipts: () => void;
}

/** What the person may do with a message. */
function useDeeds({
  chat,
  row,
  state,
  composing,
  onThread,
  action,
  actions,
  article,
  onReceipts,
}: DeedsOptions): Deeds {
  const texts = useTexts();
  const { message, mine } = row;
  const { cid, seq, recalled, pinned } = message;
  const info = state.conversations.get(cid)?.info;
  const isPinned = pinned === true;
  const run = (work: () => Promise<unknown>) => () => void actions.run(work);
  async function recall(): Promise<void> {
    if (confirm(texts.recallAsk) && (await action.run(() => chat.messages.recall(message)))) article.current?.focus();
  }
  return {
    onReact: (emoji) => void actions.run(() => chat.messages.toggleReaction(message, emoji)),
    onQuote: () => composing.quote(message),
    onReply: onThread,
    onEdit: mine && textOf(message) !== undefined ? () => composing.edit(seq) : undefined,
    onRecall: mine ? () => void recall() : undefined,
    onPin: info !== undefined && mayPin(info) ? run(() => chat.messages.pin(message, !isPinned)) : undefined,
    isPinned,
    onCopyLink: run(() => navigator.clipboard.writeText(addressOf(message))),
    onMarkUnread: onThread === undefined ? undefined : run(() => chat.markUnreadFrom(message)),
    onReceipts: mine && recalled !== true ? onReceipts : undefined,
  };
}

interface WordsProps {
  readonly message: Message;
  readonly me: string;
  readonly state: ChatState;
}

function Words({ message, me, state }: WordsProps) {
  const texts = useTexts();
  const language = useLanguage();
  const text = textOf(message);
  const time = timeOf(message.at, language);
  const room = message.edited === true ? `${texts.edited} ${time}` : time;
  const substitute = message.recalled === true ? texts.recalled : texts.unknownKind(message.kind);
  return (
    <p dir="auto" className={text === undefined ? 'substitute' : ''} data-room={room} data-pinned={message.pinned}>
      {text === undefined ? substitute : <MessageText text={text} me={me} state={state} />}
    </p>
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
