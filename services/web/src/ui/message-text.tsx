import type { Message } from '@messagecore/protocol';
import { partsOf } from '../chat/message-links.ts';
import { isOwnGroup, mentionParts } from '../chat/mentions.ts';
import { type ChatState, nameOf, titleOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { EmojiText } from './emoji.tsx';

export interface MessageTextProps {
  readonly text: string;
  readonly mentions: Message['mentions'];
  readonly me: string;
  readonly state: ChatState;
}

/**
 * A text as it was written, with whom it mentions, and with the addresses in it to follow. Those of messages open in this
 * page.
 */
export function MessageText({ text, mentions, me, state }: MessageTextProps) {
  const texts = useTexts();
  return partsOf(text).map((part, index) => {
    if (typeof part === 'string') return <Mentioning key={index} text={part} {...{ mentions, me, state }} />;
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

function Mentioning({ text, mentions, me, state }: MessageTextProps) {
  return mentionParts(text, mentions, (user) => nameOf(state, user)).map((part, index) => {
    if (typeof part === 'string') return <EmojiText key={index} text={part} emojis={state.emojis} />;
    const isOwn = [me, 'all', 'here'].includes(part.whom) || isOwnGroup(part.whom, state.groups);
    return (
      <mark key={index} className="mention" data-own={isOwn}>
        {part.text}
      </mark>
    );
  });
}
