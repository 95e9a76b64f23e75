/** What a message says, in a line. */
import { systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { expiredAt } from '@messagecore/sdk';
import type { Texts } from '../i18n/texts.ts';
import { readable } from './mentions.ts';
import { type ChatState, nameOf } from './state.ts';
import { type Said, wordsIn } from './timeline.ts';

type Names = Pick<ChatState, 'names'>;

/** Its words, or what stands for them. A message that is held nowhere else, such as in a list, is hidden once it has expired. */
export function saidIn(message: Message, names: Names, texts: Texts): string {
  const shown = expiredAt(message, systemClock.now());
  return readableWords(shown, names) ?? substituteFor(shown, texts);
}

/** Its words, with names in place of ids; undefined for kinds that have none. */
export function readableWords(said: Said, names: Names): string | undefined {
  const words = wordsIn(said);
  return words === undefined ? undefined : readable(words, (user) => nameOf(names, user));
}

/** What stands for a message without words. */
export function substituteFor({ kind, recalled, expired }: Message, texts: Texts): string {
  if (recalled !== true) return texts.unknownKind(kind);
  return expired === true ? texts.expired : texts.recalled;
}
