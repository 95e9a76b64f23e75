import { useState } from 'react';
import { emojiParts, type Emojis, type Picture as EmojiPicture, pictureOf } from '../chat/emojis.ts';

export interface EmojiProps {
  readonly emoji: string;
  readonly emojis: Emojis;
}

/** The emoji of a reaction: one of Unicode, a picture of the tenant's, or a name that has none. */
export function Emoji({ emoji, emojis }: EmojiProps) {
  const picture = pictureOf(emoji, emojis);
  return picture === undefined ? emoji : <Picture picture={picture} />;
}

export interface EmojiTextProps {
  readonly text: string;
  readonly emojis: Emojis;
}

/** A text with the tenant's emojis in it. */
export function EmojiText({ text, emojis }: EmojiTextProps) {
  return emojiParts(text, emojis).map((part, index) =>
    typeof part === 'string' ? part : <Picture key={index} picture={part} />,
  );
}

export interface PictureProps {
  readonly picture: EmojiPicture;
  /** Its name stands beside it. */
  readonly isDecoration?: boolean;
}

/** Has its room before it is loaded. Its host is not told where it is shown; where it does not answer, the name stands there. */
export function Picture({ picture: { name, image }, isDecoration = false }: PictureProps) {
  const [broken, setBroken] = useState<string>();
  const text = `:${name}:`;
  if (broken === image) return isDecoration ? <span className="emoji" /> : text;
  return (
    <img
      className="emoji"
      src={image}
      alt={isDecoration ? '' : text}
      title={text}
      width={20}
      height={20}
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
      draggable={false}
      onError={() => setBroken(image)}
    />
  );
}
