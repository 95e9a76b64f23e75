import { useMemo } from 'react';
import type { Mentionable } from '../chat/mentions.ts';
import type { ChatState, ConversationState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';

/** Whom a text may mention: those who take part, oneself included, and where they are several, groups, and all of them. */
export function useMentionable(
  { names, groups }: Pick<ChatState, 'names' | 'groups'>,
  { members, info: { kind } }: ConversationState,
  me: string,
): readonly Mentionable[] {
  const texts = useTexts();
  return useMemo(() => {
    const people = members.flatMap((id) => {
      const name = names.get(id);
      return name === undefined ? [] : [{ id, name, ...(id === me && { isSelf: true as const }) }];
    });
    if (kind === 'dm') return people;
    return [
      ...people,
      ...groups.map(({ groupId, name }) => ({ id: groupId, name, note: texts.mentionGroup, isGroup: true as const })),
      { id: 'all', name: 'all', note: texts.mentionAll },
      { id: 'here', name: 'here', note: texts.mentionHere },
    ];
  }, [names, groups, members, me, kind, texts]);
}
