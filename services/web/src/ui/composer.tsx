import type { Message } from '@messagecore/protocol';
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { Mentionable } from '../chat/mentions.ts';
import { expiryOf, type Lifetime } from '../chat/lifetime.ts';
import type { Place, SendWith } from '../chat/send-calls.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { CompletionList, optionId } from './completion-list.tsx';
import { ComposerExtras } from './composer-extras.tsx';
import { Disappearing } from './disappearing.tsx';
import { CloseIcon, SendIcon } from './icons.tsx';
import { QuotedWords } from './quote.tsx';
import { useCompletion } from './use-completion.ts';
import type { Composing } from './use-composing.ts';
import { useQuoted } from './use-quoted.ts';

export interface ComposerProps {
  /** What the field is for. */
  readonly label: string;
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  /** The thread in which it writes; undefined for the conversation. */
  readonly threadRoot?: number;
  readonly composing: Composing;
  /** Who may be mentioned. */
  readonly people: readonly Mentionable[];
  /** What was begun before, here or on another device. */
  readonly draft?: string;
  readonly onDraft?: (text: string, replyTo: number | undefined) => void;
  readonly onSend: (text: string, options: SendWith) => void;
  /** Changes the person's last message. */
  readonly onEditLast: () => void;
}

/**
 * Enter sends, Shift and Enter begin a new line, the arrow upwards in the empty field changes what one said last; while an
 * input method composes, the keys are its own.
 */
export function Composer(props: ComposerProps) {
  const { label, chat, state, cid, threadRoot, composing, people, draft = '', onDraft, onSend, onEditLast } = props;
  const texts = useTexts();
  const [text, setText] = useDrafted(draft);
  const [caret, setCaret] = useState(0);
  const [isForAll, setIsForAll] = useState(false);
  const [lifetime, setLifetime] = useState<Lifetime>('always');
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const completion = useCompletion({ text, caret, people, emojis: state.emojis, onText: complete });
  const isEmpty = text.trim() === '';
  const { replyTo, quote } = composing;
  const quoted = useQuoted({ chat, state, cid, seq: replyTo });
  const place = placeOf(threadRoot, quoted === null ? undefined : replyTo, isForAll);
  useFocusToAnswer(field, replyTo);

  function write(value: string): void {
    setText(value);
    onDraft?.(value, replyTo);
    chat.typing(cid, value.trim() !== '');
  }

  function complete(value: string, at: number): void {
    write(value);
    setCaret(at);
    // The field has the text first.
    queueMicrotask(() => field.current?.setSelectionRange(at, at));
  }

  /** For the next message, of which this much is written. */
  function clear(rest = ''): void {
    setText(rest);
    onDraft?.(rest, undefined);
    setIsForAll(false);
    setLifetime('always');
    quote(undefined);
  }

  function send(): void {
    if (isEmpty) return;
    onSend(text.trim(), { ...place, ...expiryOf(lifetime) });
    clear();
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (completion.onKeyDown(event)) {
      event.preventDefault();
      return event.stopPropagation();
    }
    if (event.key === 'Escape' && replyTo !== undefined) {
      // It ends the quoting and nothing else.
      event.stopPropagation();
      quote(undefined);
    }
    if (event.key === 'ArrowUp' && !event.altKey && text === '') {
      event.preventDefault();
      onEditLast();
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    send();
  }

  return (
    <div className="composer">
      <CompletionList id={id} completion={completion} />
      {replyTo !== undefined && <Quoting {...{ message: quoted, me: chat.me, state }} onEnd={() => quote(undefined)} />}
      {lifetime !== 'always' && <Disappearing lifetime={lifetime} onEnd={() => setLifetime('always')} />}
      <ComposerExtras {...{ chat, state, cid, place, text, lifetime }} onLifetime={setLifetime} onUsed={clear} />
      <textarea
        ref={field}
        rows={1}
        autoFocus
        dir="auto"
        value={text}
        placeholder={label}
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={completion.offered.length > 0 ? id : undefined}
        aria-activedescendant={completion.offered.length > 0 ? optionId(id, completion.chosen) : undefined}
        data-composer
        onChange={({ target }) => {
          write(target.value);
          setCaret(target.selectionStart);
        }}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onBlur={() => chat.typing(cid, false)}
      />
      <button type="button" className="round send" aria-label={texts.send} disabled={isEmpty} onClick={send}>
        <SendIcon />
      </button>
      {threadRoot !== undefined && <ForAll isOn={isForAll} onChange={setIsForAll} />}
    </div>
  );
}

interface ForAllProps {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** Whether a reply in a thread is shown in the conversation too. */
function ForAll({ isOn, onChange }: ForAllProps) {
  return (
    <label className="for-all">
      <input type="checkbox" checked={isOn} onChange={({ target }) => onChange(target.checked)} />
      {useTexts().showInChannel}
    </label>
  );
}

interface QuotingProps {
  readonly message: Message | null | undefined;
  readonly me: string;
  readonly state: ChatState;
  readonly onEnd: () => void;
}

/** What the message will quote. */
function Quoting({ message, me, state, onEnd }: QuotingProps) {
  const texts = useTexts();
  return (
    <div className="quoting" role="status">
      <p className="quote">
        {message === undefined && texts.loading}
        {message === null && texts.quoteGone}
        {message && <QuotedWords message={message} me={me} state={state} />}
      </p>
      <button type="button" className="round" aria-label={texts.doNotQuote} onClick={onEnd}>
        <CloseIcon />
      </button>
    </div>
  );
}

const placeOf = (threadRoot: number | undefined, replyTo: number | undefined, isForAll: boolean): Place => ({
  ...(threadRoot !== undefined && { threadRoot }),
  ...(replyTo !== undefined && { replyTo }),
  ...(isForAll && { showInChannel: true }),
});

/** Unless the person writes elsewhere: another device may have begun to answer something. */
function useFocusToAnswer(field: RefObject<HTMLElement | null>, replyTo: number | undefined): void {
  useEffect(() => {
    const isWriting = document.activeElement?.matches('input, textarea, select') === true;
    if (replyTo !== undefined && !isWriting) field.current?.focus();
  }, [field, replyTo]);
}

/** The text of the field: what is written elsewhere takes the place of what was not changed here. */
function useDrafted(draft: string): [text: string, setText: (text: string) => void] {
  const [text, setText] = useState(draft);
  const [known, setKnown] = useState(draft);
  if (draft !== known) {
    setKnown(draft);
    if (text === known) setText(draft);
  }
  return [text, setText];
}
