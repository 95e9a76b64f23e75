import type { UserEvents } from './user-events.ts';
import type { DownFrameOf, ErrorCode } from './wire.ts';
import { ChatError, ERRORS } from '@messagecore/protocol/constants';
import type { ConnectionStatus } from './connection/connection.ts';

/** The server's history is not the one that this client stood in: what it holds of the conversation is void. */
export interface Reset {
  readonly cid: string;
  readonly head: number;
  readonly epoch: number;
}

/**
 * Messages `from … to` will not be delivered: they expired, were erased, or lost with a backup; or (`unreadable`) they came
 * twice in a form that this client cannot read.
 */
export interface Gap extends Omit<DownFrameOf<'gap'>, 'reason'> {
  reason: DownFrameOf<'gap'>['reason'] | 'unreadable';
}

/** Something went wrong that the client goes on without; for a log. */
export interface Warning {
  /** `unreadable`: a frame that could not be decoded was passed over. `token`: the provider failed and is asked again. */
  readonly kind: 'unreadable' | 'token';
  readonly error: unknown;
}

/** What happens in one conversation. Messages come in `seq` order and updates in `rev` order, each once. */
export interface ConversationEvents {
  joined: DownFrameOf<'joined'>;
  message: DownFrameOf<'message'>;
  update: DownFrameOf<'update'>;
  gap: Gap;
  reset: Reset;
  read: DownFrameOf<'read'>;
  typing: DownFrameOf<'typing'>;
  conv: DownFrameOf<'conv'>;
  /** The join was refused for good, or the user lost access. */
  refused: ChatError;
}

/** What other sessions of the user have done, and what has become of watched users, by the name of the event. */
type OwnEvents = {
  [Name in keyof UserEvents]: (Name extends `conversation.${string}` ? { cid: string } : unknown) & {
    data: UserEvents[Name];
  };
};

/** What happens in any conversation, and to the connection. */
export interface ClientEvents extends Omit<ConversationEvents, 'refused'>, OwnEvents {
  state: ConnectionStatus;
  ready: DownFrameOf<'ready'>;
  inbox: DownFrameOf<'inbox'>;
  presence: DownFrameOf<'presence'>;
  error: DownFrameOf<'error'>;
  bye: DownFrameOf<'bye'>;
  warning: Warning;
}

/** An `error` frame as an error. A code of a later version reads as a final refusal. */
export function errorOf({ code, msg, retryAfterMs }: DownFrameOf<'error'>): ChatError {
  const known: ErrorCode = Object.hasOwn(ERRORS, code) ? code : 'bad_request';
  return new ChatError(known, msg, retryAfterMs === undefined ? {} : { retryAfterMs });
}
