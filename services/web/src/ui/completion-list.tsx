import type { Offer } from '../chat/completion.ts';
import { useTexts } from '../i18n/language.ts';
import { Avatar } from './avatar.tsx';
import { Picture } from './emoji.tsx';
import type { Completion } from './use-completion.ts';

export interface CompletionListProps {
  readonly id: string;
  readonly completion: Completion;
}

export const optionId = (id: string, index: number) => `${id}-${index}`;

/** What one may mean, above the field. The focus stays in the field, whose keys choose. */
export function CompletionList({ id, completion: { of, offered, chosen, take } }: CompletionListProps) {
  const texts = useTexts();
  if (offered.length === 0) return null;
  const label = of === 'people' ? texts.mentionWhom : texts.tenantEmojis;
  return (
    <ul id={id} className="completions" role="listbox" aria-label={label}>
      {offered.map((offer, index) => (
        <li
          key={offer.id}
          id={optionId(id, index)}
          role="option"
          aria-selected={index === chosen}
          onPointerDown={(event) => {
            // The field keeps the focus.
            event.preventDefault();
            take(offer);
          }}
        >
          <Offered offer={offer} />
        </li>
      ))}
    </ul>
  );
}

function Offered({ offer: { id, name, note, picture } }: { readonly offer: Offer }) {
  return (
    <>
      {picture === undefined ? <Avatar id={id} name={name} size="small" /> : <Picture picture={picture} isDecoration />}
      <bdi>{name}</bdi>
      {note !== undefined && <small>{note}</small>}
    </>
  );
}
