import { useMemo } from 'react';
import type { Mentionable } from '../chat/mentions.ts';
import type { ChatState, ConversationState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';

/** Whom one may mention in a conversation: those who take part, and where they are several, all of them. */
export function useMentionable(
  { names }: Pick<ChatState, 'names'>,
  { members, info: { kind } }: ConversationState,
  me: string,
): readonly Mentionable[] {
  const texts = useTexts();
  return useMemo(() => {
    const people = members.flatMap((id) => {
      const name = names.get(id);
      return id === me || name === undefined ? [] : [{ id, name }];
    });
    if (kind === 'dm') return people;
    return [
      ...people,
      { id: 'all', name: 'all', note: texts.mentionAll },
      { id: 'here', name: 'here', note: texts.mentionHere },
    ];
  }, [names, members, me, kind, texts]);
}
