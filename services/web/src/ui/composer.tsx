import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { CloseIcon, SendIcon } from './icons.tsx';
import { QuotedWords } from './quote.tsx';
import type { Composing } from './use-composing.ts';

export interface ComposerProps {
  /** What the field is for. */
  readonly label: string;
  readonly me: string;
  readonly state: ChatState;
  readonly composing: Composing;
  /** `replyTo` is the `seq` of the quoted message. */
  readonly onSend: (text: string, place: { readonly replyTo?: number }) => void;
  readonly onTyping: (on: boolean) => void;
  /** Changes the person's last message. */
  readonly onEditLast: () => void;
}

/**
 * Enter sends, Shift and Enter begin a new line, the arrow upwards in the empty field changes what one said last; while an
 * input method composes, the keys are its own.
 */
export function Composer({ label, me, state, composing, onSend, onTyping, onEditLast }: ComposerProps) {
  const texts = useTexts();
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const isEmpty = text.trim() === '';
  const { quoted, quote } = composing;
  useEffect(() => {
    if (quoted !== undefined) field.current?.focus();
  }, [quoted]);

  function write(value: string): void {
    setText(value);
    onTyping(value.trim() !== '');
  }

  function send(): void {
    if (isEmpty) return;
    onSend(text.trim(), quoted === undefined ? {} : { replyTo: quoted.seq });
    setText('');
    quote(undefined);
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && quoted !== undefined) {
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
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {quoted !== undefined && (
        <div className="quoting" role="status">
          <p className="quote">
            <QuotedWords message={quoted} me={me} state={state} />
          </p>
          <button type="button" className="round" aria-label={texts.doNotQuote} onClick={() => quote(undefined)}>
            <CloseIcon />
          </button>
        </div>
      )}
      <textarea
        ref={field}
        rows={1}
        autoFocus
        dir="auto"
        value={text}
        placeholder={label}
        aria-label={label}
        data-composer
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => onTyping(false)}
      />
      <button type="submit" className="round send" aria-label={texts.send} disabled={isEmpty}>
        <SendIcon />
      </button>
    </form>
  );
}
