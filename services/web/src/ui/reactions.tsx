import type { Message } from '@messagecore/protocol';
import type { Emojis } from '../chat/emojis.ts';
import { type OwnReactions, ownReaction } from '../chat/reactions.ts';
import { useTexts } from '../i18n/language.ts';
import { Emoji } from './emoji.tsx';
import { PeopleIcon } from './icons.tsx';

export interface ReactionsProps {
  readonly message: Message;
  readonly reactions: Readonly<Record<string, number>>;
  readonly own: OwnReactions;
  readonly emojis: Emojis;
  /** Undefined for who may only look. */
  readonly onReact: ((emoji: string) => void) | undefined;
  readonly onWho: () => void;
}

/** Below a message: each reaction, which one adds to or takes back, and a button that tells who reacted. */
export function Reactions({ message, reactions, own, emojis, onReact, onWho }: ReactionsProps) {
  const texts = useTexts();
  return (
    <ul
      className="reactions"
      onContextMenu={(event) => {
        // Of a long press, too.
        event.preventDefault();
        if (onReact !== undefined) onWho();
      }}
    >
      {Object.entries(reactions).map(([emoji, count]) => {
        const isOwn = ownReaction(own, message, emoji) === true;
        return (
          <li key={emoji}>
            <button
              type="button"
              data-own={isOwn}
              aria-label={texts.reactions(emoji, count, isOwn)}
              disabled={onReact === undefined}
              onClick={() => onReact?.(emoji)}
            >
              <Emoji emoji={emoji} emojis={emojis} /> {count}
            </button>
          </li>
        );
      })}
      {onReact !== undefined && (
        <li>
          <button
            type="button"
            aria-haspopup="dialog"
            aria-label={texts.whoReacted}
            title={texts.whoReacted}
            onClick={onWho}
          >
            <PeopleIcon />
          </button>
        </li>
      )}
    </ul>
  );
}
