import { LIMITS, type DownFrame } from '@messagecore/protocol';
import { isRpcError, type RpcError, type RpcResult } from '@messagecore/protocol/bus';
import { Batch, Block } from '../egress/block.ts';
import type { CatchUp } from './catch-up.ts';
import type { JoinTurns } from './join-turns.ts';
import { firstSeen, Membership, type MembershipOwner } from './membership.ts';
import type { Room, Rooms, Typing, Upstream } from './ports.ts';

/** A place to go on from. */
export interface Cursor {
  readonly since?: number | undefined;
  readonly rev?: number | undefined;
  readonly epoch?: number | undefined;
}

type Joined = RpcResult<'join'>;

/** An answer, and the number of the last report of reading that was told to the room before it was asked for. */
type Asked = readonly [Joined | RpcError, reads: number];

/** Joins of one conversation with no `leave` between them: a `leave` makes all of them void. */
interface JoinGroup {
  cancelled: boolean;
}

/** A join that the client asked for. */
interface JoinRequest {
  readonly cid: string;
  readonly cursor: Cursor;
  /** The client's label, which its answer carries. */
  readonly ref: string | undefined;
  readonly group: JoinGroup;
}

/** A join under way or waiting. */
interface Entry {
  readonly group: JoinGroup;
  /** Settles when it is done. */
  after: Promise<void>;
}

/** Joins of one session that are under way or wait, repeats of the same conversation included. */
const WAITING = 2 * LIMITS.joinedConversations;
/** Advice to a session that has that many. */
const CROWDED_RETRY_MS = 1_000;
/** Attempts when the membership changes while it is read. */
const ATTEMPTS = 5;

export interface JoinsDeps {
  readonly tid: string;
  readonly owner: MembershipOwner;
  readonly rooms: Rooms;
  readonly upstream: Pick<Upstream, 'join'>;
  readonly typing: Typing;
  readonly catchUp: CatchUp;
  /** Shared by all sessions. */
  readonly turns: JoinTurns;
  /** Sends to the client. */
  readonly send: (frame: DownFrame) => void;
  /** The session goes on from a cursor; said once. */
  readonly onResumed: () => void;
}

/**
 * The rooms of one session.
 *
 * A join subscribes first and asks then, so that whatever is said after the answer arrives by the subscription; it is
 * confirmed by `joined`, and the replay follows. Each `cid` has at most one join under way; later ones wait for it, a
 * `leave` makes it and them void. A membership stays until it is left, so that a second join that fails for the moment leaves the
 * first as it was.
 */
export class Joins {
  readonly #deps: JoinsDeps;
  readonly #memberships = new Map<string, Membership>();
  /** Joins under way or waiting: the last one of each conversation. */
  #underWay: Map<string, Entry> | undefined;
  #waiting = 0;
  #closed = false;
  #resumed = false;

  constructor(deps: JoinsDeps) {
    this.#deps = deps;
  }

  get memberships(): Iterable<Membership> {
    return this.#memberships.values();
  }

  get(cid: string): Membership | undefined {
    return this.#memberships.get(cid);
  }

  /** True when the session has joined, or is about to. */
  has(cid: string): boolean {
    return this.#memberships.has(cid) || this.#underWay?.has(cid) === true;
  }

  /** Settles when no join of the conversation that was asked for before is under way. */
  async settled(cid: string): Promise<void> {
    await this.#underWay?.get(cid)?.after;
  }

  /** Joins, or moves the cursor. The client is told the outcome, with a `ref` exactly once under that. */
  join(cid: string, cursor: Cursor, ref?: string): Promise<void> {
    const before = this.#underWay?.get(cid);
    const held = this.#memberships.size + (this.#underWay?.size ?? 0);
    if (!this.has(cid) && held >= LIMITS.joinedConversations) {
      const msg = `more than ${LIMITS.joinedConversations} conversations`;
      this.#refuse({ cid, ref }, { error: 'too_large', msg });
      return Promise.resolve();
    }
    if (this.#waiting >= WAITING || this.#deps.turns.isFull(this.#deps.owner.userId)) {
      const msg = 'too many joins wait';
      this.#refuse({ cid, ref }, { error: 'rate_limited', msg, retryAfterMs: CROWDED_RETRY_MS });
      return Promise.resolve();
    }
    this.#underWay ??= new Map();
    if (cursor.since !== undefined && !this.#resumed) {
      this.#resumed = true;
      this.#deps.onResumed();
    }
    const group = before === undefined || before.group.cancelled ? { cancelled: false } : before.group;
    const entry: Entry = { group, after: Promise.resolve() };
    this.#underWay.set(cid, entry);
    entry.after = this.#runAfter(before?.after, { cid, cursor, ref, group }, entry);
    return entry.after;
  }

  /** Nothing of the conversation comes any more. False when it was not joined. */
  leave(cid: string): boolean {
    const entry = this.#underWay?.get(cid);
    if (entry !== undefined) entry.group.cancelled = true;
    const membership = this.#memberships.get(cid);
    if (membership !== undefined) this.drop(membership);
    return entry !== undefined || membership !== undefined;
  }

  drop(membership: Membership): void {
    const { room } = membership;
    if (membership.left) return;
    membership.left = true;
    this.#memberships.delete(room.cid);
    this.#deps.typing.stop(this.#deps.owner.sid, room.cid);
    this.#deps.catchUp.forget(membership);
    room.leave(membership);
    this.#deps.rooms.release(room);
  }

  close(): void {
    this.#closed = true;
    for (const membership of [...this.#memberships.values()]) this.drop(membership);
  }

  async #runAfter(before: Promise<void> | undefined, request: JoinRequest, entry: Entry): Promise<void> {
    const { turns, owner } = this.#deps;
    this.#waiting += 1;
    const isVoid = () => request.group.cancelled || this.#closed;
    const hasTurn = await turns.begin(owner.userId, isVoid, before);
    try {
      const isVoided = this.#isVoid(request);
      if (hasTurn && !isVoided) await this.#run(request);
    } finally {
      if (hasTurn) turns.end(owner.userId);
      this.#waiting -= 1;
      if (this.#underWay?.get(request.cid) === entry) this.#underWay.delete(request.cid);
    }
  }

  async #run(request: JoinRequest): Promise<void> {
    const { rooms, tid } = this.#deps;
    const { cid } = request;
    // Whoever asks for what he may not see must not make the gateway subscribe to it.
    const before = rooms.holds(tid, cid) ? undefined : await this.#place(cid);
    if (this.#isVoid(request)) return;
    if (before !== undefined && isRpcError(before)) return this.#refused(request, before);
    const room = rooms.acquire(tid, cid);
    let kept = false;
    try {
      const [answer, reads] = await this.#ask(room);
      if (this.#isVoid(request)) return;
      if (isRpcError(answer)) this.#refused(request, answer);
      else kept = this.#confirmed(room, answer, request, reads);
    } finally {
      if (!kept) rooms.release(room);
    }
  }

  /** True, and answered, when a `leave` came meanwhile. After the end of the session there is nobody to answer. */
  #isVoid(request: JoinRequest): boolean {
    if (this.#closed) return true;
    const { group, ref } = request;
    if (group.cancelled && ref !== undefined) this.#refuse(request, { error: 'conflict', msg: 'left meanwhile' });
    return group.cancelled;
  }

  #place(cid: string): Promise<Joined | RpcError> {
    const { tid, upstream, owner } = this.#deps;
    return upstream.join({ tid, uid: owner.userId, cid });
  }

  /** Subscribed first, asked then; asked again when an event has overtaken the answer. */
  async #ask(room: Room): Promise<Asked> {
    try {
      await room.ready;
    } catch {
      return [{ error: 'unavailable', msg: 'the bus is not connected', retryAfterMs: 1_000 }, 0];
    }
    for (let attempt = 1; ; attempt += 1) {
      const { reads } = room;
      const answer = await this.#place(room.cid);
      if (isRpcError(answer) || answer.access >= room.access.version) return [answer, reads];
      if (attempt === ATTEMPTS) return [{ error: 'unavailable', msg: 'membership is changing', retryAfterMs: 500 }, 0];
    }
  }

  #refused(request: JoinRequest, answer: RpcError): void {
    const membership = this.#memberships.get(request.cid);
    const lostRight = answer.error === 'not_member' || answer.error === 'not_found';
    if (membership !== undefined && lostRight) this.drop(membership);
    this.#refuse(request, answer);
  }

  /** Returns true when the membership now holds the room. */
  #confirmed(room: Room, answer: Joined, { cid, cursor, ref }: JoinRequest, heardBefore: number): boolean {
    const { head, rev, epoch, reads, listener } = answer;
    const first = firstSeen(answer);
    room.observe(answer);
    const old = this.#memberships.get(cid);
    if (old !== undefined) this.drop(old);
    if (isAhead(answer, cursor)) {
      const label = ref === undefined ? {} : { ref };
      this.#deps.send({ t: 'error', code: 'cursor_ahead', msg: 'the cursor is ahead', cid, head, epoch, ...label });
      return false;
    }
    this.#deps.send({
      t: 'joined',
      cid,
      head,
      rev,
      epoch,
      first,
      ...(reads && { reads }),
      ...(listener && { listener }),
    });
    if (ref !== undefined) this.#deps.send({ t: 'result', ref, cid });
    const position = { seq: cursor.since ?? head, rev: cursor.rev ?? rev, reads: heardBefore };
    const membership = new Membership(this.#deps.owner, room, position, answer);
    this.#memberships.set(cid, membership);
    room.enter(membership);
    this.#skipExpired(membership, first);
    // Replays only what the room itself has got to: everything the answer knows of is on its way to it.
    void room.reached(head, rev).then(() => this.#deps.catchUp.start(membership));
    return true;
  }

  /** What lies before `first` is gone, or none of this user's, and the client is told. */
  #skipExpired(membership: Membership, first: number): void {
    const from = membership.seq + 1;
    if (from >= first) return;
    const { cid } = membership.room;
    this.#deps.owner.sink.mustDeliver(new Batch(cid, [Block.gap(cid, from, first - 1, 'expired')]));
    membership.seq = first - 1;
  }

  #refuse({ cid, ref }: Pick<JoinRequest, 'cid' | 'ref'>, { error: code, msg, retryAfterMs }: RpcError): void {
    const label = ref === undefined ? {} : { ref };
    this.#deps.send({ t: 'error', code, msg, cid, ...label, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  }
}

function isAhead({ head, rev, epoch }: Joined, cursor: Cursor): boolean {
  return (
    (cursor.since !== undefined && cursor.since > head) ||
    (cursor.rev !== undefined && cursor.rev > rev) ||
    (cursor.epoch !== undefined && cursor.epoch !== epoch)
  );
}
