import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Turn } from '../egress/turn.ts';
import type { Session, SessionDeps } from '../session/session.ts';

export interface SseDeps {
  readonly clock: Clock;
  readonly turn: Turn;
  readonly session: SessionDeps;
  readonly newSid: () => string;
  readonly isOpen: () => boolean;
  readonly onSession: (session: Session) => void;
}

export function createSse(_deps: SseDeps) {
  return async (_request: IncomingMessage, _response: ServerResponse, _url: URL): Promise<void> => {
    throw new ChatError('not_found');
  };
}
