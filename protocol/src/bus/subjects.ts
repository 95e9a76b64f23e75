/**
 * Subjects of the bus, the only place that spells them. Every subject that carries a tenant's data starts with the
 * tenant's id after its family, so that NATS permissions can fence a tenant in.
 *
 * `conv.<tenant>.<cid>.msg|upd|event` are captured by the stream CHAT; `conv.<tenant>.<cid>.read|typing` are live only.
 * One wildcard subscription `conv.<tenant>.<cid>.*` gives a gateway all five.
 */
export const STREAM = 'CHAT';
export const STREAM_SUBJECTS = ['conv.*.*.msg', 'conv.*.*.upd', 'conv.*.*.event'] as const;

export type ConversationTopic = 'msg' | 'upd' | 'event' | 'read' | 'typing';

export const subjects = {
  conversation: (tenantId: string, cid: string, topic: ConversationTopic) => `conv.${tenantId}.${cid}.${topic}`,
  room: (tenantId: string, cid: string) => `conv.${tenantId}.${cid}.*`,
  /** All of a tenant's conversations. */
  ofConversations: (tenantId: string) => `conv.${tenantId}.>`,
  /** Events for one user's sessions: added to a conversation, signed out, deactivated; frames of product areas. */
  user: (tenantId: string, userId: string) => `user.${tenantId}.${userId}`,
  /** Events for a whole tenant: suspended, reactivated. */
  tenant: (tenantId: string) => `tenant.${tenantId}`,
  /** Conversations of a tenant with new messages, for gateways with sessions that asked for them. Live only. */
  inbox: (tenantId: string) => `inbox.${tenantId}`,
  /** Users of a tenant whose presence has changed, for gateways with sessions that watch somebody. Live only. */
  presence: (tenantId: string) => `presence.${tenantId}`,
  /** Requests of gateways to chat-services: to any of them, or to one by name. */
  rpc: (operation: string, name?: string) => (name === undefined ? `rpc.${operation}` : `rpc.${operation}.${name}`),
  /** Every second each chat-service says its name here, and in the header `ALIVE_NUMBER` for which time. */
  alive: 'alive.chat-service',
  /** What is watched now, for gateways: said every second by chat-services while there is something. */
  watches: 'watches.chat-service',
  /** What an operator has changed of the settings of services, for gateways: said every second by chat-services. */
  settings: 'settings.chat-service',
} as const;

/** Header of what is said on `alive`: 1 at first, and 1 more each time. Who misses a number has missed other messages too. */
export const ALIVE_NUMBER = 'Alive-Number';

/** Queue group in which chat-services share requests. */
export const RPC_QUEUE = 'chat-service';

/** Topic of a room subject, the last token. */
export function topicOf(subject: string): ConversationTopic {
  return subject.slice(subject.lastIndexOf('.') + 1) as ConversationTopic;
}

/** Conversation of a room subject, the last token but one. */
export function conversationOf(subject: string): string {
  const end = subject.lastIndexOf('.');
  return subject.slice(subject.lastIndexOf('.', end - 1) + 1, end);
}
