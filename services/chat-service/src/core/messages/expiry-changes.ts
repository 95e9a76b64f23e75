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

/** As everybody is told from its time on, whether the change is made or not yet. */
export function asShown<M extends ExpiringMessage>(message: M): M {
  return expired(message) ?? message;
}
