/** A message that its sender gave a time to live: what becomes of it after that (EXPR). Pure, as message-changes.ts. */
import { type Content, withoutContent } from './without-content.ts';

export interface ExpiringMessage extends Content {
  /** Milliseconds; null where it stays. */
  readonly expiresAt: number | null;
  /** That time has come, by the database's clock. */
  readonly isOver: boolean;
  /** The service has recalled it since. */
  readonly expired: boolean;
  readonly mentions: string | null;
  /** Seconds from when everybody else has read it; null where that does not matter. */
  readonly expiresAfterRead: number | null;
  /** Everybody else has, and its time has begun. */
  readonly isReadByAll: boolean;
}

/** What the service asks for when the time has come. */
export interface Expiry {
  readonly t: 'expire';
}

/** Recalled by the service, once; also what its sender has recalled before, of which the trail ends then. */
export function expired<M extends ExpiringMessage>(message: M): M | undefined {
  if (!message.isOver || message.expired) return undefined;
  return { ...withoutContent(message), mentions: null, expired: true };
}

/** What the service asks for when everybody else has read it. */
export interface ReadByAll {
  readonly t: 'readByAll';
}

/** Its time begins `now`, in milliseconds, once; where it expires earlier anyway it does so. */
export function readByAll<M extends ExpiringMessage>(message: M, now: number): M | undefined {
  const { expiresAfterRead, expiresAt, isOver, expired: isExpired, isReadByAll } = message;
  if (expiresAfterRead === null || isReadByAll || isOver || isExpired) return undefined;
  const afterRead = now + expiresAfterRead * 1_000;
  return { ...message, isReadByAll: true, expiresAt: Math.min(expiresAt ?? afterRead, afterRead) };
}

/** As everybody is told from its time on, whether the change is made or not yet. */
export function asShown<M extends ExpiringMessage>(message: M): M {
  return expired(message) ?? message;
}
