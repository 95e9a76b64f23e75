import type { Message } from '@messagecore/protocol';
import { type FocusEvent, type RefObject, useRef, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { timeOf } from '../chat/format.ts';
import { type OwnReactions, ownReaction } from '../chat/reactions.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import type { Thread } from '../chat/threads.ts';
import { type Mark, type Row, textOf } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Avatar } from './avatar.tsx';
import { EditForm } from './edit-form.tsx';
import { Problem } from './form.tsx';
import { CheckIcon, DoubleCheckIcon } from './icons.tsx';
import { MessageActions } from './message-actions.tsx';
import { ThreadSummary } from './thread-summary.tsx';
import { type Action, useAction } from './use-action.ts';

export interface MessageProps {
  readonly chat: Chat;
  readonly row: Row & { readonly type: 'message' };
  readonly state: ChatState;
  /** The thread of this message, if it has one. */
  readonly thread?: Thread | undefined;
  /** Undefined where it stands in a thread. */
  readonly onThread?: (() => void) | undefined;
}

export function MessageBubble({ chat, row, state, thread, onThread }: MessageProps) {
  const texts = useTexts();
  const { isActive, listeners } = useAttention();
  const article = useRef<HTMLElement>(null);
  const action = useAction();
  const editing = useEditing(article, action);
  const { message, mine, starts, ends } = row;
  const name = nameOf(state, message.from);
  const text = textOf(message);
  const isEditing = editing.isOn && text !== undefined;
  const react = (emoji: string) => void action.run(() => chat.messages.toggleReaction(message, emoji));

  async function recall(): Promise<void> {
    if (confirm(texts.recallAsk) && (await action.run(() => chat.messages.recall(message)))) article.current?.focus();
  }

  return (
    <li
      className="message"
      data-mine={mine}
      data-starts={starts}
      data-ends={ends}
      data-seq={message.seq}
      {...listeners}
    >
      {!mine && ends && <Avatar id={message.from} name={name} size="small" />}
      <article ref={article} className="bubble" tabIndex={0}>
        <header className={mine || !starts ? 'visually-hidden' : 'author'}>{mine ? texts.you : name}</header>
        {isEditing ? (
          <EditForm
            text={text}
            busy={action.busy}
            onSave={(edited) =>
              void action.run(() => chat.messages.edit(message, edited)).then((isDone) => isDone && editing.end())
            }
            onCancel={editing.cancel}
          />
        ) : (
          <Words message={message} />
        )}
        <Footer row={row} state={state} />
        {message.reactions !== undefined && (
          <Reactions own={state.ownReactions} message={message} reactions={message.reactions} onReact={react} />
        )}
        {thread !== undefined && thread.replies > 0 && onThread !== undefined && (
          <ThreadSummary thread={thread} onOpen={onThread} />
        )}
        <Problem text={action.error} />
        {message.recalled !== true && !isEditing && (
          <MessageActions
            isActive={isActive}
            onReact={react}
            onReply={onThread}
            onEdit={mine && text !== undefined ? editing.begin : undefined}
            onRecall={mine ? () => void recall() : undefined}
          />
        )}
      </article>
    </li>
  );
}

function Words({ message }: { readonly message: Message }) {
  const texts = useTexts();
  const language = useLanguage();
  const text = textOf(message);
  const time = timeOf(message.at, language);
  const room = message.edited === true ? `${texts.edited} ${time}` : time;
  const substitute = message.recalled === true ? texts.recalled : texts.unknownKind(message.kind);
  return (
    <p dir="auto" className={text === undefined ? 'substitute' : ''} data-room={room}>
      {text ?? substitute}
    </p>
  );
}

/** Whether the text is being changed in its place. The focus goes back to the message. */
function useEditing(article: RefObject<HTMLElement | null>, action: Action) {
  const [isOn, setIsOn] = useState(false);
  function end(): void {
    setIsOn(false);
    article.current?.focus();
  }
  function cancel(): void {
    // What was refused is told no more.
    void action.run(() => Promise.resolve());
    end();
  }
  return { isOn, begin: () => setIsOn(true), end, cancel };
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

function Footer({ row: { message, mark }, state }: Pick<MessageProps, 'row' | 'state'>) {
  const texts = useTexts();
  const language = useLanguage();
  return (
    <footer>
      {message.edited === true && <span>{texts.edited}</span>}
      <time dateTime={new Date(message.at).toISOString()}>{timeOf(message.at, language)}</time>
      {mark !== undefined && <MarkView mark={mark} state={state} />}
    </footer>
  );
}

interface ReactionsProps {
  readonly message: { readonly cid: string; readonly seq: number };
  readonly reactions: Readonly<Record<string, number>>;
  readonly own: OwnReactions;
  readonly onReact: (emoji: string) => void;
}

function Reactions({ message, reactions, own, onReact }: ReactionsProps) {
  const texts = useTexts();
  return (
    <ul className="reactions">
      {Object.entries(reactions).map(([emoji, count]) => {
        const isOwn = ownReaction(own, message, emoji) === true;
        return (
          <li key={emoji}>
            <button
              type="button"
              data-own={isOwn}
              aria-label={texts.reactions(emoji, count, isOwn)}
              onClick={() => onReact(emoji)}
            >
              {emoji} {count}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function MarkView({ mark, state }: { readonly mark: Mark; readonly state: ChatState }) {
  const texts = useTexts();
  const label = mark.type === 'sent' ? texts.sent : texts.readBy(mark.by.map((user) => nameOf(state, user)));
  return (
    <span className="mark" data-mark={mark.type} role="img" aria-label={label} title={label}>
      {mark.type === 'sent' ? <CheckIcon /> : <DoubleCheckIcon />}
    </span>
  );
}
