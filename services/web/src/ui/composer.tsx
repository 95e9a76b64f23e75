import { type KeyboardEvent, useRef, useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { SendIcon } from './icons.tsx';

export interface ComposerProps {
  /** What the field is for. */
  readonly label: string;
  readonly onSend: (text: string) => void;
  readonly onTyping: (on: boolean) => void;
}

/** Enter sends, Shift and Enter begin a new line; while an input method composes, Enter is its own. */
export function Composer({ label, onSend, onTyping }: ComposerProps) {
  const texts = useTexts();
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const isEmpty = text.trim() === '';

  function write(value: string): void {
    setText(value);
    onTyping(value.trim() !== '');
  }

  function send(): void {
    if (isEmpty) return;
    onSend(text.trim());
    setText('');
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
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
      <textarea
        ref={field}
        rows={1}
        autoFocus
        dir="auto"
        value={text}
        placeholder={label}
        aria-label={label}
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
