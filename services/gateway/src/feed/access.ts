import { type ConvEvent, type DownFrame, isRpcError } from '@messagecore/protocol';
import type { Logger } from '@messagecore/runtime';
import { Signal } from '../egress/block.ts';
import type { Audience } from '../hub/audience.ts';
import type { RoomMember, Upstream } from './ports.ts';

/** Users asked for in one request; the bound of the operation. */
const USERS = 10_000;

interface Place {
  readonly tid: string;
  readonly cid: string;
  readonly audience: Pick<Audience, 'signal'>;
  members(): Iterable<RoomMember>;
  leave(member: RoomMember): void;
}

/**
 * Who may be in the room.
 *
 * Every change of membership has a number, `version`. Events apply in that order: one that was applied already is
 * dropped, so that a repeat cannot throw out somebody who has come back; one that comes too early shows that others were
 * lost, and then everybody is checked against the record. The periodic head check calls `check` with the record's own
 * version, which finds a lost last event. A check that fails is made again at the next occasion.
 */
export class Access {
  readonly #place: Place;
  readonly #upstream: Upstream;
  readonly #log: Logger;
  #version = 0;
  #checking = false;

  constructor(place: Place, { upstream, log }: { upstream: Upstream; log: Logger }) {
    this.#place = place;
    this.#upstream = upstream;
    this.#log = log;
  }

  /** The membership version that the members are known to agree with. A join that read an older one is stale. */
  get version(): number {
    return this.#version;
  }

  start(version: number): void {
    this.#version = version;
  }

  onEvent(event: ConvEvent): void {
    const changesConversation = event.event === 'changed' || event.event === 'created';
    if (event.access < this.#version || (event.access === this.#version && !changesConversation)) return;
    const lost = event.access > this.#version + 1;
    if (!lost) this.#version = event.access;
    this.#apply(event);
    if (lost) void this.check(event.access);
  }

  /** The record stands at `version`: if some change was missed, asks who may stay. */
  async check(version: number): Promise<void> {
    if (version <= this.#version || this.#checking) return;
    this.#checking = true;
    try {
      while (this.#version < version) await this.#verify();
    } catch (err) {
      this.#log.warn({ cid: this.#place.cid, err }, 'membership not verified');
    } finally {
      this.#checking = false;
    }
  }

  #apply({ v: _v, tid: _tid, access: _access, ...event }: ConvEvent): void {
    const frame: DownFrame = { t: 'conv', ...event };
    if (event.event === 'deleted') this.#expel('deleted', () => true);
    if (event.event === 'removed') this.#expel('removed', (userId) => event.users?.includes(userId) === true);
    this.#place.audience.signal(new Signal(this.#place.cid, frame), { toAll: true });
  }

  #expel(event: 'removed' | 'deleted', isGone: (userId: string) => boolean): void {
    for (const member of this.#place.members()) {
      if (!isGone(member.userId)) continue;
      this.#place.leave(member);
      member.expelled(event);
    }
  }

  /** Asks about everybody here; somebody who came meanwhile is left to the next round. */
  async #verify(): Promise<void> {
    const { tid, cid } = this.#place;
    const asked = new Set<string>();
    for (const { userId } of this.#place.members()) asked.add(userId);
    const allowed = new Set<string>();
    let version = Number.POSITIVE_INFINITY;
    const users = [...asked];
    for (let from = 0; from === 0 || from < users.length; from += USERS) {
      const answer = await this.#upstream.members({ tid, cid, users: users.slice(from, from + USERS) });
      if (isRpcError(answer)) {
        if (answer.error !== 'not_found') throw new Error(`${answer.error}: ${answer.msg}`);
        this.#version = Number.MAX_SAFE_INTEGER;
        return this.#expel('deleted', () => true);
      }
      version = Math.min(version, answer.access);
      for (const userId of answer.users) allowed.add(userId);
    }
    this.#expel('removed', (userId) => asked.has(userId) && !allowed.has(userId));
    const unasked = [...this.#place.members()].some(({ userId }) => !asked.has(userId));
    if (!unasked) this.#version = Math.max(this.#version, version);
  }
}
