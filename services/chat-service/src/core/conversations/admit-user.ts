import { type ParticipantsAdded } from '@messagecore/protocol/features';
import type { Deed } from '../identity/audit-caller.ts';
import type { OutboxEvent } from '../outbox/events.ts';
import { insertParticipants } from './add-participants.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
} from './conversation-transaction.ts';

/** A user who is let in by something else than the right of the changer to add users. */
export interface Admission {
  readonly user: string;
  /** What the `sys` message calls it. */
  readonly sysEvent: 'joined' | 'added';
  /**
   * Uses up what lets the user in, in the transaction and under the conversation's lock; throws when there is nothing.
   * Returns what the `sys` message says besides, what else is to be told, and what the audit log is.
   */
  readonly entitle: (held: LockedConversation) => Promise<Entitlement>;
}

export interface Entitlement {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly events?: readonly OutboxEvent[];
  readonly audit?: readonly Deed[];
}

/** Makes the user a member; whoever takes part already stays as they are. Throws `not_found`, and what `entitle` throws. */
export function admitUser(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  { user, sysEvent, entitle }: Admission,
): Promise<ParticipantsAdded> {
  return changeConversation(deps, changer, cid, async (held) => {
    const { details = {}, events = [], audit = [] } = await entitle(held);
    const change = await insertParticipants(deps, held, { users: [user], role: 'member', sysEvent });
    const also = [...events, ...change.also];
    return 'event' in change ? { ...change, details, also, audit } : { ...change, also, audit };
  });
}
