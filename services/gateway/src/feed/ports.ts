import type { PageRequest, RpcError, RpcItem, RpcResult } from '@messagecore/protocol/bus';
import type { Member } from '../hub/audience.ts';

/** A session in a room, as far as the feed needs it. */
export interface RoomMember extends Member {
  /** Membership version as of which the user is known to be allowed here. */
  access: number;
  /** The user is muted until then by the wall clock, in milliseconds; 0 when he is not. */
  muted(until: number): void;
  /** The user takes part from now on. */
  added(): void;
  /** The user does not take part, and listens. */
  readonly listener: boolean;
  /** The user has lost the right to be here, or the room is gone: nothing of it comes any more. */
  expelled(event: 'removed' | 'deleted'): void;
  /** The history was replaced: what the session has is void. */
  restarted(head: number, epoch: number): void;
}

/** What the feed asks chat-services. */
export interface Upstream {
  heads(item: RpcItem<'heads'>): Promise<RpcResult<'heads'> | RpcError>;
  members(item: RpcItem<'members'>): Promise<RpcResult<'members'> | RpcError>;
  /** One page in the form of the bus. Rejects with a ChatError. */
  history(request: PageRequest<'history'>): Promise<Uint8Array>;
  changes(request: PageRequest<'changes'>): Promise<Uint8Array>;
}
