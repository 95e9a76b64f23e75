import type { Message } from '@messagecore/protocol';

/** What a message is answered with by one click. */
export const REACTIONS = ['👍', '❤️', '😂', '🎉'] as const;

/** And by two: others that are often used. */
export const MORE_REACTIONS: readonly string[] = [
  ...['👍', '👎', '❤️', '😂', '🎉', '🙏', '👏', '🙌', '🔥', '✅', '❌', '👀', '💯', '🚀', '⭐', '💡'],
  ...['😀', '😊', '😍', '🤔', '😮', '😢', '😭', '😡', '😅', '😴', '🤯', '🥳', '🤝', '💪', '👋', '🤞'],
  ...['☕', '🍕', '🎂', '🌸', '🌈', '🐛', '❓', '❗'],
];

/** Whether the person's own reaction is on a message, as far as the page knows. */
export type OwnReactions = ReadonlyMap<string, boolean>;

type Place = Pick<Message, 'cid' | 'seq'>;

const keyOf = ({ cid, seq }: Place, emoji: string) => `${cid} ${seq} ${emoji}`;

/** Undefined where the page does not know: the server tells how many reacted, not who. */
export function ownReaction(own: OwnReactions, place: Place, emoji: string): boolean | undefined {
  return own.get(keyOf(place, emoji));
}

/** `on` undefined: the page does not know any more. */
export function withReaction(own: OwnReactions, place: Place, emoji: string, on: boolean | undefined): OwnReactions {
  const others = new Map(own);
  if (on === undefined) others.delete(keyOf(place, emoji));
  else others.set(keyOf(place, emoji), on);
  return others;
}
