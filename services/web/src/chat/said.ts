/** What a message says, in a line. */
import { systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { expiredAt } from '@messagecore/sdk';
import type { Texts } from '../i18n/texts.ts';
import { type LinePart, lineOf } from './markdown.ts';
import { readable } from './mentions.ts';
import { type ChatState, nameOf } from './state.ts';
import { type Said, wordsIn } from './timeline.ts';

type Names = Pick<ChatState, 'names'>;

/**
 * Its words in a line, or what stands for them. A message that is held nowhere else, such as in a list, is hidden once it has
 * expired.
 */
export function lineOfMessage(message: Message, names: Names, texts: Texts): readonly LinePart[] {
  const shown = expiredAt(message, systemClock.now());
  return readableLine(shown, names) ?? [{ text: substituteFor(shown, texts), isCode: false }];
}

/** Its words in a line, with names in place of ids, but in code; undefined for kinds that have none. */
export function readableLine(said: Said, names: Names): readonly LinePart[] | undefined {
  const words = wordsIn(said);
  if (words === undefined) return undefined;
  const isMarkdown = said.kind === 'text' && said.body['format'] === 'markdown';
  const line = isMarkdown ? lineOf(words) : [{ text: words, isCode: false }];
  return line.map(({ text, isCode }) => ({ text: isCode ? text : withNames(text, names), isCode }));
}

/** Its words, with names in place of ids; undefined for kinds that have none. */
export function readableWords(said: Said, names: Names): string | undefined {
  const words = wordsIn(said);
  return words === undefined ? undefined : withNames(words, names);
}

const withNames = (words: string, names: Names): string => readable(words, (user) => nameOf(names, user));

/** What stands for a message without words. */
export function substituteFor({ kind, recalled, expired }: Message, texts: Texts): string {
  if (recalled !== true) return texts.unknownKind(kind);
  return expired === true ? texts.expired : texts.recalled;
}
