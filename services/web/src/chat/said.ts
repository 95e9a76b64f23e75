import type { Message } from '@messagecore/protocol';
import { readable } from '../chat/mentions.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import { wordsIn } from '../chat/timeline.ts';
import { useTexts } from '../i18n/language.ts';

/** What a message says, in a line: its words, or what stands for them. */
export function useSaid(message: Message, state: ChatState): string {
  const texts = useTexts();
  const words = wordsIn(message);
  if (words !== undefined) return readable(words, (user) => nameOf(state, user));
  return message.recalled === true ? texts.recalled : texts.unknownKind(message.kind);
}
