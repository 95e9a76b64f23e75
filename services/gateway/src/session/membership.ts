import type { RpcResult } from '@messagecore/protocol';
import type { Sink } from '../egress/sink.ts';
import type { Member, Position, Room } from './ports.ts';

/** What a membership reports to its session. */
export interface MembershipOwner {
  readonly sink: Sink;
  readonly sid: string;
  /** The user, known once the session is ready. */
  readonly userId: string;
  fellBehind(membership: Membership): void;
  expelled(membership: Membership, event: 'removed' | 'deleted'): void;
  restarted(membership: Membership, head: number, epoch: number): void;
}

/** What the answer to a join says of where the user's history begins. */
type Beginning = Pick<RpcResult<'join'>, 'first' | 'from'>;

const AT_THE_BEGINNING: Beginning = { first: 1 };

/** The oldest message that the user may see. */
export function firstSeen({ first, from = 1 }: Beginning): number {
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
  /** The session has left; whatever is still under way for it is void. */
  left = false;
  /** `seq + rev` when `heads` was last considered, and whether the client has been told since then. */
  seen: number;
  told = false;

  constructor(owner: MembershipOwner, room: Room, { seq, rev, reads }: Position, answer = AT_THE_BEGINNING) {
    this.#owner = owner;
    this.room = room;
    this.from = firstSeen(answer);
    this.seq = seq;
    this.rev = rev;
    this.reads = reads;
    this.seen = seq + rev;
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
