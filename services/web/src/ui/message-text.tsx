import { partsOf } from '../chat/message-links.ts';
import { type ChatState, titleOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';

export interface MessageTextProps {
  readonly text: string;
  readonly me: string;
  readonly state: ChatState;
}

/** A text as it was written, with the addresses in it to follow. Those of messages open in this page. */
export function MessageText({ text, me, state }: MessageTextProps) {
  const texts = useTexts();
  return partsOf(text).map((part, index) => {
    if (typeof part === 'string') return part;
    const { href, place } = part;
    const conversation = place === undefined ? undefined : state.conversations.get(place.cid);
    if (place === undefined)
      return (
        <a key={index} href={href} target="_blank" rel="noopener noreferrer">
          {href}
        </a>
      );
    return (
      <a key={index} href={`#room=${place.cid}&seq=${place.seq}`}>
        {conversation === undefined ? href : texts.messageIn(titleOf(state, conversation, me))}
      </a>
    );
  });
}
