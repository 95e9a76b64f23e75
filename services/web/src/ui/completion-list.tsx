import type { Completion } from './use-completion.ts';
import { useTexts } from '../i18n/language.ts';
import { Avatar } from './avatar.tsx';

export interface CompletionListProps {
  readonly id: string;
  readonly completion: Completion;
}

export const optionId = (id: string, index: number) => `${id}-${index}`;

/** Whom one may mean, above the field. The focus stays in the field, whose keys choose. */
export function CompletionList({ id, completion: { offered, chosen, take } }: CompletionListProps) {
  const texts = useTexts();
  if (offered.length === 0) return null;
  return (
    <ul id={id} className="completions" role="listbox" aria-label={texts.mentionWhom}>
      {offered.map((person, index) => (
        <li
          key={person.id}
          id={optionId(id, index)}
          role="option"
          aria-selected={index === chosen}
          onPointerDown={(event) => {
            // The field keeps the focus.
            event.preventDefault();
            take(person);
          }}
        >
          <Avatar id={person.id} name={person.name} size="small" />
          <bdi>{person.name}</bdi>
          {person.note !== undefined && <small>{person.note}</small>}
        </li>
      ))}
    </ul>
  );
}
