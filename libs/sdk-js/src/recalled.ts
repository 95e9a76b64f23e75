/** Messages that say nothing any more. All of it pure. */
import type { Message } from './wire.ts';

/** The message once it is recalled: without what it said, and what came of it. */
export function recalled(message: Message): Message {
  const { reactions: _r, pinned: _p, mentions: _m, poll: _v, previews: _l, ...kept } = message;
  return { ...kept, body: {}, recalled: true };
}

/**
 * The message as it is to be shown at `now`, in milliseconds since 1970: recalled and expired from its `expiresAt` on, also
 * when nothing was heard from the server. The message itself until then, and where it is so already.
 */
export function expiredAt(message: Message, now: number): Message {
  const { expired, expiresAt = Infinity } = message;
  return expired === true || now < expiresAt ? message : { ...recalled(message), expired: true };
}
