import { useState } from 'react';
import { type Emojis, emojisLike } from '../chat/emojis.ts';
import { MORE_REACTIONS } from '../chat/reactions.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Emoji } from '../ui/emoji.tsx';
import { Field } from '../ui/form.tsx';

export interface ReactionDialogProps {
  readonly emojis: Emojis;
  readonly onReact: (emoji: string) => void;
  readonly onClose: () => void;
}

/** Those of the tenant, found by name, and others that are often used. */
export function ReactionDialog({ emojis, onReact, onClose }: ReactionDialogProps) {
  const texts = useTexts();
  const [query, setQuery] = useState('');
  const found = emojisLike(query, emojis).map(({ name }) => `:${name}:`);
  const take = (emoji: string) => {
    onReact(emoji);
    onClose();
  };
  return (
    <Dialog title={texts.moreReactions} onClose={onClose}>
      {emojis.size > 0 && (
        <section aria-label={texts.tenantEmojis}>
          <h3>{texts.tenantEmojis}</h3>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const [first] = found;
              if (first !== undefined && query !== '') take(first);
            }}
          >
            <Field label={texts.findEmoji} type="search" value={query} onValue={setQuery} />
          </form>
          <Choices label={texts.tenantEmojis} emojis={emojis} offered={found} onTake={take} />
          <p className="none" role="status">
            {found.length === 0 && texts.noSuchEmoji}
          </p>
        </section>
      )}
      <h3>{texts.usualEmojis}</h3>
      <Choices label={texts.usualEmojis} emojis={emojis} offered={MORE_REACTIONS} onTake={take} />
    </Dialog>
  );
}

interface ChoicesProps {
  readonly label: string;
  readonly emojis: Emojis;
  readonly offered: readonly string[];
  readonly onTake: (emoji: string) => void;
}

function Choices({ label, emojis, offered, onTake }: ChoicesProps) {
  const texts = useTexts();
  if (offered.length === 0) return null;
  return (
    <ul className="emoji-choices" aria-label={label}>
      {offered.map((emoji) => (
        <li key={emoji}>
          <button
            type="button"
            aria-label={texts.reactWith(emoji)}
            title={texts.reactWith(emoji)}
            onClick={() => onTake(emoji)}
          >
            <Emoji emoji={emoji} emojis={emojis} />
          </button>
        </li>
      ))}
    </ul>
  );
}
