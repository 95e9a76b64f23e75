import { systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { momentOf, timeOf } from '../chat/format.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import type { Mark, Row } from '../chat/timeline.ts';
import { type Language, useLanguage, useTexts } from '../i18n/language.ts';
import type { Texts } from '../i18n/texts.ts';
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
      {wordsOf(message, texts, language).map((word) => (
        <span key={word}>{`${word} ·`}</span>
      ))}
      <time dateTime={new Date(message.at).toISOString()}>{timeOf(message.at, language)}</time>
      {mark !== undefined && <MarkView mark={mark} state={state} onReceipts={onReceipts} />}
    </footer>
  );
}

/** What the footer says in words. */
export function wordsOf(
  message: Pick<Message, 'edited' | 'recalled'> & Disappearing,
  texts: Texts,
  language: Language,
) {
  const expiry = message.recalled === true ? undefined : expiryWords(message, texts, language);
  return [...(message.edited === true ? [texts.edited] : []), ...(expiry === undefined ? [] : [expiry])];
}

type Disappearing = Pick<Message, 'expiresAt' | 'expiresAfterRead'>;

/** When it disappears: undefined where it stays. */
export function expiryWords({ expiresAt, expiresAfterRead }: Disappearing, texts: Texts, language: Language) {
  if (expiresAt !== undefined) return texts.expiresAt(momentOf(expiresAt, systemClock.now(), language));
  return expiresAfterRead === undefined ? undefined : texts.expiresAfterRead;
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
