/** Client of MessageCore for browsers, Node and everything else with `fetch`. */
export { Client, createClient } from './client.ts';
export type { ConnectionStatus } from './connection/connection.ts';
export { ConversationList, type ListedConversation } from './conversation-list.ts';
export { Conversation } from './conversation/conversation.ts';
export { type MessageChange, MessageChanges } from './message-changes.ts';
export { expiredAt } from './recalled.ts';
export { Accounts, type AccountsOptions, type Credentials } from './accounts/accounts.ts';
export type { KeptSignIn, SignInStorage } from './accounts/kept-sign-in.ts';
export type { StartAt } from './conversation/cursor.ts';
export type { HistoryOptions, JoinOptions, Sending, SendOptions } from './conversation/port.ts';
export type { Listener, Off } from './emitter.ts';
export type { ClientEvents, ConversationEvents, Gap, Reset, Warning } from './events.ts';
export type { OfferedProvider, PasskeyRequest, SignedIn } from './accounts/signed-in.ts';
export type { CallArguments, CallOptions } from './operations/call.ts';
export type { Operations } from './operations/types.ts';
export type { ClientOptions } from './options.ts';
export type { CardBody, MessageBodies } from './bodies.ts';
export type { Delivered } from './outbox.ts';
export type { FetchLike, Rest, RestRequest } from './rest.ts';
export type { TokenProvider } from './token.ts';
export type { TransportName } from './transport/transport.ts';
export type { WebSocketConstructor, WebSocketLike } from './transport/ws.ts';
export type {
  DownFrameOf,
  DownFrames,
  Encoding,
  ErrorCode,
  HistoryPage,
  Quote,
  ThreadSummary,
  Message,
  MessageBody,
  Page,
  SessionLimits,
} from './wire.ts';
export type { ConversationInfo, ConversationSettings, ConversationsQuery } from './conversation-info.ts';
export type { CardAction, Draft, OwnPresence, ReminderState, ScheduledMessage, UserEvents } from './user-events.ts';
export type { Clock, Random, Timer } from '@messagecore/kernel';
export { ChatError, type FieldError } from '@messagecore/protocol/constants';
