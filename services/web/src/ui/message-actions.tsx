import type { MouseEvent, ReactNode } from 'react';
import { REACTIONS } from '../chat/reactions.ts';
import { useTexts } from '../i18n/language.ts';
import { EditIcon, RecallIcon, ReplyIcon } from './icons.tsx';
import { useMedia } from './use-media.ts';

export interface MessageActionsProps {
  /** The message is pointed at, or has the focus. */
  readonly isActive: boolean;
  readonly onReact: (emoji: string) => void;
  /** Each undefined where there is no such thing to do. */
  readonly onReply: (() => void) | undefined;
  readonly onEdit: (() => void) | undefined;
  readonly onRecall: (() => void) | undefined;
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
          <Buttons {...deeds} />
        </div>
      </details>
    );
  if (!isActive) return null;
  return (
    <div className="message-actions" role="group" aria-label={texts.actionsOfMessage}>
      <Buttons {...deeds} />
    </div>
  );
}

function closeMenu({ currentTarget }: MouseEvent<HTMLElement>): void {
  currentTarget.closest('details')?.removeAttribute('open');
}

function Buttons({ onReact, onReply, onEdit, onRecall }: Omit<MessageActionsProps, 'isActive'>) {
  const texts = useTexts();
  return (
    <>
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
      </span>
      <Deed icon={<ReplyIcon />} text={texts.reply} onClick={onReply} />
      <Deed icon={<EditIcon />} text={texts.edit} onClick={onEdit} />
      <Deed icon={<RecallIcon />} text={texts.recall} onClick={onRecall} />
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
