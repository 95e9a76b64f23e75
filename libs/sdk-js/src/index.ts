/** Client of MessageCore for browsers, Node and everything else with `fetch` and `WebSocket`. */
export { Client, createClient } from './client.ts';
export type { ConnectionStatus } from './connection/connection.ts';
export { Conversation } from './conversation/conversation.ts';
export type { HistoryOptions, JoinOptions, Sending, SendOptions } from './conversation/port.ts';
export type { Listener, Off } from './emitter.ts';
export type { ClientEvents, ConversationEvents, Reset } from './events.ts';
export type { ClientOptions } from './options.ts';
export type { Delivered } from './outbox.ts';
export type { Rest, RestRequest } from './rest.ts';
export type { TokenProvider } from './token.ts';
export type { TransportName } from './transport/transport.ts';
export type { WebSocketConstructor } from './transport/ws.ts';
export { ChatError } from '@messagecore/protocol/constants';
