import type { RpcResult } from '@messagecore/protocol/bus';
import type { Sink } from '../egress/sink.ts';
import type { Member, Position, Room } from './ports.ts';

/** What a membership reports to its session. */
export interface MembershipOwner {
  readonly sink: Sink;
  readonly sid: string;
  /** The user, known once the session is ready. */
  readonly userId: string;
  fellBehind(membership: Membership): void;
  /** The user may not speak any more. */
  muted(membership: Membership): void;
  expelled(membership: Membership, event: 'removed' | 'deleted'): void;
  restarted(membership: Membership, head: number, epoch: number): void;
}

/** What the answer to a join says of the user: what they may do, and where the history begins for them. */
type Rights = Pick<RpcResult<'join'>, 'access' | 'mutedUntil' | 'first' | 'from' | 'listener'>;

const NO_RIGHTS: Rights = { access: 0, first: 1 };

/** The oldest message that the user may see. */
export function firstSeen({ first, from = 1 }: Pick<Rights, 'first' | 'from'>): number {
  return Math.max(first, from);
}

/**
 * A session's place in a room: what it has been given, and whether the hub gives it more. Thousands of these are alive,
 * so it holds numbers and nothing else.
 */
export class Membership implements Member {
  readonly room: Room;
  /** The oldest message that the user may see. */
  readonly from: number;
  readonly #owner: MembershipOwner;
  seq: number;
  rev: number;
  reads: number;
  live = false;
  slot = -1;
  access: number;
  /** Wall clock, in milliseconds; 0 when the user is not muted. */
  mutedUntil: number;
  /** The user does not take part, and listens. */
  listener: boolean;
  /** The session has left; whatever is still under way for it is void. */
  left = false;
  /** `seq + rev` when `heads` was last considered, and whether the client has been told since then. */
  seen: number;
  told = false;

  /** The user was let in as of the membership version `access`, and is muted until a time of the wall clock. */
  constructor(owner: MembershipOwner, room: Room, { seq, rev, reads }: Position, rights: Rights = NO_RIGHTS) {
    this.#owner = owner;
    this.room = room;
    this.from = firstSeen(rights);
    this.seq = seq;
    this.rev = rev;
    this.reads = reads;
    this.seen = seq + rev;
    this.access = rights.access;
    this.mutedUntil = rights.mutedUntil ?? 0;
    this.listener = rights.listener === true;
  }

  get sink(): Sink {
    return this.#owner.sink;
  }

  get userId(): string {
    return this.#owner.userId;
  }

  get sid(): string {
    return this.#owner.sid;
  }

  muted(until: number): void {
    this.mutedUntil = until;
    if (until > 0) this.#owner.muted(this);
  }

  added(): void {
    this.listener = false;
  }

  fellBehind(): void {
    this.#owner.fellBehind(this);
  }

  expelled(event: 'removed' | 'deleted'): void {
    this.#owner.expelled(this, event);
  }

  restarted(head: number, epoch: number): void {
    this.#owner.restarted(this, head, epoch);
  }
}
