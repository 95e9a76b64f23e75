import { type MouseEvent, type ReactNode, useState } from 'react';
import { REACTIONS } from '../chat/reactions.ts';
import { useTexts } from '../i18n/language.ts';
import {
  BellIcon,
  BookmarkIcon,
  ClockIcon,
  EditIcon,
  ForwardIcon,
  LinkIcon,
  MarkUnreadIcon,
  MoreIcon,
  PeopleIcon,
  PinIcon,
  QuoteIcon,
  RecallIcon,
  ReplyIcon,
  SmileyIcon,
  TranslateIcon,
} from './icons.tsx';
import { useMedia } from './use-media.ts';

/** Each undefined where there is no such thing to do. */
export interface Deeds {
  readonly onReact: ((emoji: string) => void) | undefined;
  readonly onMoreReactions: (() => void) | undefined;
  readonly onQuote: (() => void) | undefined;
  readonly onReply: (() => void) | undefined;
  readonly onEdit: (() => void) | undefined;
  readonly onRecall: (() => void) | undefined;
  readonly onPin: (() => void) | undefined;
  readonly isPinned: boolean;
  readonly onCopyLink: (() => void) | undefined;
  readonly onTranslate: (() => void) | undefined;
  readonly onBookmark: (() => void) | undefined;
  readonly onRemind: (() => void) | undefined;
  readonly onMarkUnread: (() => void) | undefined;
  readonly onReceipts: (() => void) | undefined;
  readonly onForward: (() => void) | undefined;
  readonly onEdits: (() => void) | undefined;
}

export interface MessageActionsProps extends Deeds {
  /** The message is pointed at, or has the focus. */
  readonly isActive: boolean;
}

/** What one does with a message: a row of buttons above it, and a menu where nothing can point. */
export function MessageActions({ isActive, ...deeds }: MessageActionsProps) {
  const texts = useTexts();
  const isTouched = useMedia('(hover: none)');
  if (isTouched)
    return (
      <details className="message-menu">
        <summary aria-label={texts.actionsOfMessage}>⋯</summary>
        <div onClick={closeMenu}>
          <Usual {...deeds} />
          <Rare {...deeds} />
        </div>
      </details>
    );
  return isActive ? <Row {...deeds} /> : null;
}

function closeMenu({ currentTarget }: MouseEvent<HTMLElement>): void {
  currentTarget.closest('details')?.removeAttribute('open');
}

/** The rest stands in a second row, once it is asked for. */
function Row(deeds: Deeds) {
  const texts = useTexts();
  const [isLong, setIsLong] = useState(false);
  return (
    <div className="message-actions" role="group" aria-label={texts.actionsOfMessage}>
      <span>
        <Usual {...deeds} />
        <button
          type="button"
          aria-expanded={isLong}
          aria-label={texts.moreActions}
          title={texts.moreActions}
          onClick={() => setIsLong((known) => !known)}
        >
          <MoreIcon />
        </button>
      </span>
      {isLong && (
        <span className="rare">
          <Rare {...deeds} />
        </span>
      )}
    </div>
  );
}

function Usual({ onReact, onMoreReactions, onQuote, onReply, onEdit, onRecall }: Deeds) {
  const texts = useTexts();
  return (
    <>
      {onReact !== undefined && (
        <span className="reacting">
          {REACTIONS.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={texts.reactWith(emoji)}
              title={texts.reactWith(emoji)}
              onClick={() => onReact(emoji)}
            >
              {emoji}
            </button>
          ))}
          <button
            type="button"
            aria-haspopup="dialog"
            aria-label={texts.moreReactions}
            title={texts.moreReactions}
            onClick={onMoreReactions}
          >
            <SmileyIcon />
          </button>
        </span>
      )}
      <Deed icon={<QuoteIcon />} text={texts.quote} onClick={onQuote} />
      <Deed icon={<ReplyIcon />} text={texts.reply} onClick={onReply} />
      <Deed icon={<EditIcon />} text={texts.edit} onClick={onEdit} />
      <Deed icon={<RecallIcon />} text={texts.recall} onClick={onRecall} />
    </>
  );
}

function Rare({ onPin, isPinned, onCopyLink, onTranslate, onBookmark, onRemind, ...others }: Deeds) {
  const { onMarkUnread, onReceipts, onForward, onEdits } = others;
  const texts = useTexts();
  return (
    <>
      <Deed icon={<ForwardIcon />} text={texts.forward} onClick={onForward} />
      <Deed icon={<TranslateIcon />} text={texts.translate} onClick={onTranslate} />
      <Deed icon={<PinIcon />} text={isPinned ? texts.unpin : texts.pin} onClick={onPin} />
      <Deed icon={<LinkIcon />} text={texts.copyLink} onClick={onCopyLink} />
      <Deed icon={<BookmarkIcon />} text={texts.bookmark} onClick={onBookmark} />
      <Deed icon={<BellIcon />} text={texts.remindMe} onClick={onRemind} />
      <Deed icon={<MarkUnreadIcon />} text={texts.markUnread} onClick={onMarkUnread} />
      <Deed icon={<PeopleIcon />} text={texts.receipts} onClick={onReceipts} />
      <Deed icon={<ClockIcon />} text={texts.formerTexts} onClick={onEdits} />
    </>
  );
}

interface DeedProps {
  readonly icon: ReactNode;
  readonly text: string;
  readonly onClick: (() => void) | undefined;
}

function Deed({ icon, text, onClick }: DeedProps) {
  if (onClick === undefined) return null;
  return (
    <button type="button" title={text} onClick={onClick}>
      {icon}
      <span className="deed">{text}</span>
    </button>
  );
}
