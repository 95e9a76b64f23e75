/** Events that must reach whom they are for, as they are stored and published. */
import {
  type ConvEvent,
  encodeTenantFrame,
  encodeTenantList,
  encodeUserFrame,
  type TenantEvent,
  type UserEvent,
} from '@messagecore/protocol/bus';
import type { EventFrame } from '@messagecore/protocol/features';

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
  /** Tells of tokens that are refused from the commit on. */
  readonly endsTokens?: boolean;
}

export function conversationEvent(event: Omit<ConvEvent, 'v'>): OutboxEvent {
  const { tid, cid } = event;
  return { topic: 'conversation', tid, about: cid, payload: JSON.stringify({ v: 1, ...event } satisfies ConvEvent) };
}

/** An event for the sessions of one user. */
export function userEvent(tid: string, uid: string, event: UserEvent): OutboxEvent {
  const endsTokens = event.event !== 'conv';
  return { topic: 'users', tid, about: uid, users: [uid], payload: JSON.stringify(event), endsTokens };
}

/** An event about a conversation for the sessions of these users, wherever they are connected. */
export function usersEvents(
  { tid, cid }: { readonly tid: string; readonly cid: string },
  users: readonly string[],
  event: UserEvent,
): OutboxEvent[] {
  return forUsers({ tid, cid }, users, JSON.stringify(event));
}

/** The same for a change of the conversation, to sessions that have not joined it: those that have hear it there. */
export function convFrames(
  { tid, cid }: { readonly tid: string; readonly cid: string },
  users: readonly string[],
  change: Pick<ConvEvent, 'event' | 'users'>,
): OutboxEvent[] {
  return forUsers({ tid, cid }, users, convFrame(cid, change));
}

function forUsers(
  { tid, cid }: { readonly tid: string; readonly cid: string },
  users: readonly string[],
  payload: string,
): OutboxEvent[] {
  return Array.from({ length: Math.ceil(users.length / USERS_PER_ROW) }, (_, n) => {
    const row = users.slice(n * USERS_PER_ROW, (n + 1) * USERS_PER_ROW);
    return { topic: 'users', tid, about: cid, users: row, payload };
  });
}

export function tenantEvent(tid: string, event: TenantEvent): OutboxEvent {
  const endsTokens = event.event === 'suspended';
  return { topic: 'tenant', tid, about: tid, payload: JSON.stringify(event), endsTokens };
}

/** A list of the tenant has changed: one event, however many sessions are told. */
export function listEvent(tid: string, list: 'emojis' | 'userGroups'): OutboxEvent {
  const frame: EventFrame = { t: 'event', event: `${list}.changed`, data: {} };
  return { topic: 'tenant', tid, about: tid, payload: encodeTenantList(list, JSON.stringify(frame)) };
}

/** The name or profile of a user has changed: one event, however many see the user. */
export function profileEvent(tid: string, uid: string): OutboxEvent {
  const frame: EventFrame = { t: 'event', event: 'profile.changed', data: { userId: uid } };
  return { topic: 'tenant', tid, about: tid, payload: encodeTenantFrame(uid, JSON.stringify(frame)) };
}

/** A frame for the sessions of one user; the session that caused it, where there is one, does not get it. */
export function userFrame(
  { tid, uid, sid }: { readonly tid: string; readonly uid: string; readonly sid?: string | undefined },
  frame: EventFrame,
): OutboxEvent {
  const payload = encodeUserFrame(sid === undefined ? {} : { exceptSid: sid }, JSON.stringify(frame));
  return { topic: 'users', tid, about: uid, users: [uid], payload };
}

/** The `conv` frame of a change, for sessions that have not joined the conversation. */
export function convFrame(cid: string, { event, users }: Pick<ConvEvent, 'event' | 'users'>): string {
  return encodeUserFrame({ unlessJoined: cid }, JSON.stringify({ t: 'conv', cid, event, users }));
}
