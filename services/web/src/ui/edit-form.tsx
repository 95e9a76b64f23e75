import { type KeyboardEvent, useState } from 'react';
import { useTexts } from '../i18n/language.ts';

export interface EditFormProps {
  readonly text: string;
  readonly busy: boolean;
  readonly onSave: (text: string) => void;
  readonly onCancel: () => void;
}

/** In the place of the text. Enter saves, Shift and Enter begin a new line, Escape cancels. */
export function EditForm({ text: before, busy, onSave, onCancel }: EditFormProps) {
  const texts = useTexts();
  const [text, setText] = useState(before);
  const isEmpty = text.trim() === '';

  function save(): void {
    if (isEmpty || busy) return;
    if (text.trim() === before) onCancel();
    else onSave(text.trim());
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      // It ends the editing and nothing else.
      event.stopPropagation();
      onCancel();
    }
    if (event.key !== 'Enter' || event.shiftKey || event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    save();
  }

  return (
    <form
      className="edit-form"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        rows={1}
        autoFocus
        dir="auto"
        value={text}
        aria-label={texts.editText}
        onFocus={({ currentTarget }) => currentTarget.setSelectionRange(before.length, before.length)}
        onChange={(event) => setText(event.target.value)}
      />
      <span>
        <button type="submit" className="secondary" disabled={isEmpty} aria-disabled={busy}>
          {texts.save}
        </button>
        <button type="button" className="secondary" onClick={onCancel}>
          {texts.cancel}
        </button>
      </span>
    </form>
  );
}
