import { type DownFrame } from '@messagecore/protocol';
import { type ConvEvent, isRpcError } from '@messagecore/protocol/bus';
import type { Logger } from '@messagecore/runtime';
import { Signal } from '../egress/block.ts';
import type { Audience } from '../hub/audience.ts';
import type { RoomMember, Upstream } from './ports.ts';

/** Users asked for in one request; the bound of the operation. */
const USERS = 10_000;
/** Rounds of one check. What is not verified by then is verified at the next check, the head check at the latest. */
const ROUNDS = 5;

interface AccessRoom {
  readonly tid: string;
  readonly cid: string;
  readonly audience: Pick<Audience, 'signal'>;
  members(): Iterable<RoomMember>;
  leave(member: RoomMember): void;
}

/**
 * Who may be in the room.
 *
 * Every change of membership has a number, `version`, by which events and answers can be compared. Every member joined
 * by an answer whose version was noted, so an event with the highest version so far is later than every join and takes
 * effect at once. An event with a lower version may have been undone since: the record is asked. All members are
 * verified when a gap in the versions shows that events were lost, and when the conversation itself has another rule of who
 * may be in it, as that names nobody. An event that the members already agree with is a
 * repeat and dropped. The periodic head check calls `check` with the record's own version, which finds a lost last
 * event. A check that fails is made again at the next occasion.
 */
export class Access {
  readonly #room: AccessRoom;
  readonly #upstream: Upstream;
  readonly #log: Logger;
  /** The highest version known of. */
  #version = 0;
  /** The version that the members are known to agree with. */
  #agreed = 0;
  #checking = false;

  constructor(room: AccessRoom, { upstream, log }: { upstream: Upstream; log: Logger }) {
    this.#room = room;
    this.#upstream = upstream;
    this.#log = log;
  }

  /** The highest membership version known of. A join that read an older one is stale. */
  get version(): number {
    return this.#version;
  }

  /** The members agree with `version`, at first or because there are none. */
  start(version: number): void {
    this.#version = version;
    this.#agreed = version;
  }

  /** An answer named `version`: the changes up to it have happened, even if their events are still to come. */
  noteVersion(version: number): void {
    this.#version = Math.max(this.#version, version);
  }

  onEvent(event: ConvEvent): void {
    const { access: version } = event;
    const changesConversation = event.event === 'changed' || event.event === 'created';
    if (version < this.#agreed || (version === this.#agreed && !changesConversation)) return;
    if (version < this.#version) {
      // The users that it names may be out of date; that something changed is not.
      this.#signalAll({ t: 'conv', cid: event.cid, event: 'changed' });
      return void this.check(version);
    }
    this.#version = version;
    const namesAll = version === this.#agreed + 1 && event.event !== 'changed';
    if (namesAll) this.#agreed = version;
    this.#apply(event);
    if (!namesAll) void this.check(version);
  }

  /** The record stands at `version` or later: if some change was missed, asks who may stay. */
  async check(version: number): Promise<void> {
    if (version <= this.#agreed || this.#checking) return;
    this.#checking = true;
    try {
      // Versions noted meanwhile are verified in the same check.
      const wanted = () => Math.max(version, this.#version);
      for (let round = 0; this.#agreed < wanted(); round += 1) {
        if (round === ROUNDS) throw new Error(`the membership went on changing for ${ROUNDS} rounds`);
        await this.#verify(wanted());
      }
    } catch (err) {
      this.#log.warn({ cid: this.#room.cid, err }, 'membership not verified');
    } finally {
      this.#checking = false;
    }
  }

  #apply({ v: _v, tid: _tid, access: _access, ...event }: ConvEvent): void {
    const { mutedUntil } = event;
    const named = new Set(event.users);
    if (mutedUntil !== undefined) this.#each(named, (member) => member.muted(mutedUntil ?? 0));
    if (event.event === 'added') this.#each(named, (member) => member.added());
    if (event.event === 'deleted') this.#removeMembers('deleted', () => true);
    if (event.event === 'removed') this.#removeMembers('removed', ({ userId }) => named.has(userId));
    this.#signalAll({ t: 'conv', ...event });
  }

  #each(users: ReadonlySet<string>, work: (member: RoomMember) => void): void {
    if (users.size === 0) return;
    for (const member of this.#room.members()) if (users.has(member.userId)) work(member);
  }

  #signalAll(frame: DownFrame): void {
    this.#room.audience.signal(new Signal(this.#room.cid, frame), { toAll: true });
  }

  #removeMembers(event: 'removed' | 'deleted', isGone: (member: RoomMember) => boolean): void {
    for (const member of this.#room.members()) {
      if (!isGone(member)) continue;
      this.#room.leave(member);
      member.expelled(event);
    }
  }

  /**
   * Asks about those who were let in by an answer older than `wanted`; all others are known to be allowed. Who comes
   * meanwhile was let in by an answer of his own, and is asked about in the next round only if that is older.
   */
  async #verify(wanted: number): Promise<void> {
    const { tid, cid } = this.#room;
    const asked = [...this.#room.members()].filter(({ access }) => access < wanted);
    const allowed = new Map<string, number>();
    const listening = new Set<string>();
    let version = Number.POSITIVE_INFINITY;
    const users = [...new Set(asked.map(({ userId }) => userId))];
    for (let from = 0; from === 0 || from < users.length; from += USERS) {
      const answer = await this.#upstream.members({ tid, cid, users: users.slice(from, from + USERS) });
      if (isRpcError(answer)) {
        if (answer.error !== 'not_found') throw new Error(`${answer.error}: ${answer.msg}`);
        this.#agreed = Number.MAX_SAFE_INTEGER;
        return this.#removeMembers('deleted', () => true);
      }
      version = Math.min(version, answer.access);
      for (const userId of answer.users) allowed.set(userId, answer.muted?.[userId] ?? 0);
      for (const userId of answer.listeners ?? []) listening.add(userId);
    }
    if (version < wanted) throw new Error(`the record stands at ${version}, but ${wanted} was heard of`);
    this.noteVersion(version);
    this.#settle(asked, { allowed, listening }, version);
  }

  /**
   * Those who were asked about are allowed as of `version`, and muted until then, or go. Whoever took part and may only listen now
   * was removed; whoever listened and takes part now was added.
   */
  #settle(
    asked: readonly RoomMember[],
    { allowed, listening }: { readonly allowed: ReadonlyMap<string, number>; readonly listening: ReadonlySet<string> },
    version: number,
  ): void {
    const isGone = ({ userId, listener }: RoomMember) => !allowed.has(userId) || (!listener && listening.has(userId));
    const gone = new Set(asked.filter(isGone));
    this.#removeMembers('removed', (member) => gone.has(member));
    const added = new Set<string>();
    for (const member of asked) {
      member.access = Math.max(member.access, version);
      member.muted(allowed.get(member.userId) ?? 0);
      if (!member.listener || gone.has(member) || listening.has(member.userId)) continue;
      member.added();
      added.add(member.userId);
    }
    if (added.size > 0) this.#signalAll({ t: 'conv', cid: this.#room.cid, event: 'added', users: [...added] });
    const isAgreed = [...this.#room.members()].every(({ access }) => access >= version);
    if (isAgreed) this.#agreed = Math.max(this.#agreed, version);
  }
}
