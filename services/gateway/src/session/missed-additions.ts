/**
 * Conversations that users were added to while this gateway was cut off from the bus, which keeps no events for users: asked
 * from the record when the bus is back, and told to their sessions. What a session has heard already it hears once more.
 *
 * Cheap and bounded: one question for each user with a session, `RPC_BATCH` of them in a request, one request at a time.
 */
import type { Clock } from '@messagecore/kernel';
import {
  isRpcError,
  RPC_BATCH,
  type RpcError,
  type RpcItem,
  type RpcResult,
  type UserEvent,
} from '@messagecore/protocol/bus';

/** What was published so long before the break was noticed may be lost too. */
const UNNOTICED_MS = 30_000;
/** Nobody is asked about longer than this; users who were cut off for longer list their conversations. */
const LONGEST_MS = 24 * 3_600_000;
/** A question that is not answered is asked again for so long: chat-services of the version before never answer it. */
const GIVE_UP_MS = 120_000;

export interface UserOfTenant {
  readonly tid: string;
  readonly uid: string;
}

export interface MissedAdditionsDeps {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly gained: (item: RpcItem<'gained'>) => Promise<RpcResult<'gained'> | RpcError>;
  /** Users who have sessions here. */
  readonly users: () => Iterable<UserOfTenant>;
  readonly onUser: (tid: string, uid: string, event: UserEvent) => void;
}

export class MissedAdditions {
  readonly #deps: MissedAdditionsDeps;
  /** Since when events may be missing; undefined while none are. */
  #lostSince: number | undefined;
  #asked: { readonly users: Iterator<UserOfTenant>; readonly since: number; readonly until: number } | undefined;
  #again: UserOfTenant[] = [];

  constructor(deps: MissedAdditionsDeps) {
    this.#deps = deps;
  }

  /** `agoMs` when it is noticed late. */
  disconnected(agoMs = 0): void {
    this.#lostSince ??= this.#deps.clock.monotonic() - agoMs - UNNOTICED_MS;
  }

  /** Everybody who has a session now is asked about, in the next steps. */
  reconnected(): void {
    const now = this.#deps.clock.monotonic();
    const since = this.#lostSince ?? now - UNNOTICED_MS;
    // What was not asked to its end is asked from its beginning.
    const users = [...this.#deps.users()];
    this.#asked = { users: users.values(), since, until: now + GIVE_UP_MS };
    this.#again = [];
  }

  /** Asks about those who are left. To be called every second or so; one step at a time. */
  async step(): Promise<void> {
    const asked = this.#asked;
    for (let batch = this.#next(); batch.length > 0 && asked === this.#asked; batch = this.#next()) {
      const failed = await this.#ask(batch, asked?.since ?? 0);
      if (asked !== this.#asked) return;
      this.#again.push(...failed);
      if (failed.length > 0) break;
    }
    if (asked === undefined || asked !== this.#asked) return;
    const isOver = this.#again.length === 0 || this.#deps.clock.monotonic() > asked.until;
    if (!isOver) return;
    this.#again = [];
    this.#asked = undefined;
    this.#lostSince = undefined;
  }

  #next(): UserOfTenant[] {
    const batch = this.#again.splice(0, RPC_BATCH);
    while (batch.length < RPC_BATCH) {
      const next = this.#asked?.users.next();
      if (next === undefined || next.done === true) break;
      batch.push(next.value);
    }
    return batch;
  }

  /** Those who are not answered. */
  async #ask(batch: readonly UserOfTenant[], since: number): Promise<UserOfTenant[]> {
    const withinMs = Math.ceil(Math.min(LONGEST_MS, this.#deps.clock.monotonic() - since));
    const answers = await Promise.all(batch.map((user) => this.#deps.gained({ ...user, withinMs })));
    return batch.filter((user, n) => {
      const answer = answers[n];
      if (answer === undefined || isRpcError(answer)) return true;
      // The oldest first, as they happened.
      for (const cid of answer.cids.toReversed())
        this.#deps.onUser(user.tid, user.uid, { v: 1, event: 'conv', cid, conv: 'added' });
      return false;
    });
  }
}
