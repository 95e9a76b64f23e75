import { timeOf } from '../chat/format.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import type { Mark, Row } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { CheckIcon, DoubleCheckIcon, PinIcon } from './icons.tsx';

export interface MessageFooterProps {
  readonly row: Row & { readonly type: 'message' };
  readonly state: ChatState;
  /** Asks who has read it; undefined where there is nothing to ask. */
  readonly onReceipts: (() => void) | undefined;
}

/** When it was said, and what became of it. */
export function MessageFooter({ row: { message, mark }, state, onReceipts }: MessageFooterProps) {
  const texts = useTexts();
  const language = useLanguage();
  return (
    <footer>
      {message.pinned === true && (
        <span className="mark" data-mark="pinned" role="img" aria-label={texts.isPinned} title={texts.isPinned}>
          <PinIcon />
        </span>
      )}
      {message.edited === true && <span>{texts.edited}</span>}
      <time dateTime={new Date(message.at).toISOString()}>{timeOf(message.at, language)}</time>
      {mark !== undefined && <MarkView mark={mark} state={state} onReceipts={onReceipts} />}
    </footer>
  );
}

/** More are told by their number. */
const NAMES = 3;

interface MarkProps extends Pick<MessageFooterProps, 'state' | 'onReceipts'> {
  readonly mark: Mark;
}

function MarkView({ mark, state, onReceipts }: MarkProps) {
  const label = useMarkLabel(mark, state);
  const shown = { className: 'mark', 'data-mark': mark.type, 'aria-label': label, title: label };
  const icon = mark.type === 'sent' ? <CheckIcon /> : <DoubleCheckIcon />;
  if (onReceipts === undefined)
    return (
      <span {...shown} role="img">
        {icon}
      </span>
    );
  // Whoever uses the keyboard finds the same among what one does with a message.
  return (
    <button type="button" {...shown} tabIndex={-1} onClick={onReceipts}>
      {icon}
    </button>
  );
}

function useMarkLabel(mark: Mark, state: ChatState): string {
  const texts = useTexts();
  if (mark.type !== 'read') return mark.type === 'sent' ? texts.sent : texts.delivered;
  if (mark.by.length <= NAMES) return texts.readBy(mark.by.map((user) => nameOf(state, user)));
  return texts.readByCount(mark.by.length);
}
