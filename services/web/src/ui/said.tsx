import type { Message } from '@messagecore/protocol';
import type { Emojis } from '../chat/emojis.ts';
import type { LinePart } from '../chat/markdown.ts';
import { lineOfMessage } from '../chat/said.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { EmojiText } from './emoji.tsx';

export interface SaidProps {
  readonly message: Message;
  readonly state: ChatState;
}

/** Who said what, in a line. */
export function Said({ message, state }: SaidProps) {
  const texts = useTexts();
  return (
    <span dir="auto">
      {texts.said(nameOf(state, message.from), '')}
      <SaidWords message={message} state={state} />
    </span>
  );
}

/** What was said, in a line. */
export function SaidWords({ message, state }: SaidProps) {
  const texts = useTexts();
  return <Line line={lineOfMessage(message, state, texts)} emojis={state.emojis} />;
}

interface LineProps {
  readonly line: readonly LinePart[];
  readonly emojis: Emojis;
}

/** A line with the tenant's emojis in it. */
export function Line({ line, emojis }: LineProps) {
  return line.map(({ text, isCode }, index) => (isCode ? text : <EmojiText key={index} text={text} emojis={emojis} />));
}
