/** Events that must reach whom they are for, as they are stored and published. */
import { type ConvEvent, type TenantEvent, type UserEvent } from '@messagecore/protocol/bus';

/** Users in one row: some 40 KB. */
const USERS_PER_ROW = 1_000;

export interface OutboxEvent {
  /** To the conversation's subject, to that of each user, or to the tenant's. */
  readonly topic: 'conversation' | 'users' | 'tenant';
  readonly tid: string;
  /** The conversation, the user or the tenant: events of one topic about the same keep their order. */
  readonly about: string;
  /** Only for the topic `users`. */
  readonly users?: readonly string[];
  readonly payload: string;
}

export function conversationEvent(event: Omit<ConvEvent, 'v'>): OutboxEvent {
  const { tid, cid } = event;
  return { topic: 'conversation', tid, about: cid, payload: JSON.stringify({ v: 1, ...event } satisfies ConvEvent) };
}

/** An event for the sessions of one user. */
export function userEvent(tid: string, uid: string, event: UserEvent): OutboxEvent {
  return { topic: 'users', tid, about: uid, users: [uid], payload: JSON.stringify(event) };
}

/** An event about a conversation for the sessions of these users, wherever they are connected. */
export function usersEvents(
  { tid, cid }: { readonly tid: string; readonly cid: string },
  users: readonly string[],
  event: UserEvent,
): OutboxEvent[] {
  const payload = JSON.stringify(event);
  return Array.from({ length: Math.ceil(users.length / USERS_PER_ROW) }, (_, n) => {
    const row = users.slice(n * USERS_PER_ROW, (n + 1) * USERS_PER_ROW);
    return { topic: 'users', tid, about: cid, users: row, payload };
  });
}

export function tenantEvent(tid: string, event: TenantEvent): OutboxEvent {
  return { topic: 'tenant', tid, about: tid, payload: JSON.stringify(event) };
}

/** The users of a subquery, as `usersEvents` would name them. */
export interface QueriedUsersEvent extends Pick<OutboxEvent, 'tid' | 'about' | 'payload'> {
  readonly rowSize: number;
}

export function queriedUsersEvent(
  { tid, cid }: { readonly tid: string; readonly cid: string },
  event: UserEvent,
): QueriedUsersEvent {
  return { tid, about: cid, payload: JSON.stringify(event), rowSize: USERS_PER_ROW };
}
