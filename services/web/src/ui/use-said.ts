import type { Message } from '@messagecore/protocol';
import { textOf } from '../chat/timeline.ts';
import { useTexts } from '../i18n/language.ts';

/** What a message says, in a line: its text, or what stands for it. */
export function useSaid(message: Message): string {
  const texts = useTexts();
  return textOf(message) ?? (message.recalled === true ? texts.recalled : texts.unknownKind(message.kind));
}
