import type { Clock } from '@messagecore/kernel';
import { isRpcError, RPC_BATCH } from '@messagecore/protocol/bus';
import type { Upstream } from './ports.ts';
import type { Room } from './room.ts';

/** Steps in which every room is due once, when all is well. */
const STEPS = 6;
/** Steps over which rooms that are all due at once are spread: from then on they are due one after the other. */
const SPREAD = 3;

/** Rooms, and when each was compared with the record. */
export interface CheckedRooms {
  readonly size: number;
  /** Rooms with members that were last checked at or before this time, the longest ago first. */
  due(before: number, limit: number): readonly Room[];
  checked(room: Room): void;
}

export interface HeadCheckOptions {
  readonly rooms: CheckedRooms;
  readonly upstream: Pick<Upstream, 'heads'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** How often each room is checked. */
  readonly everyMs: number;
}

/**
 * Compares every room that has members with the record: finds a last message, a last change or a change of membership
 * that the bus lost and that nothing after it would show. The rooms of a large gateway are spread over time, so that the
 * load is even: 100,000 of them are about 33 requests a second of `RPC_BATCH` rooms each.
 */
export class HeadCheck {
  readonly #options: HeadCheckOptions;
  /** Rooms checked before this are due. */
  #allBefore = Number.NEGATIVE_INFINITY;

  constructor(options: HeadCheckOptions) {
    this.#options = options;
  }

  /** How long to wait between steps. */
  get stepMs(): number {
    return this.#options.everyMs / STEPS;
  }

  /** Makes all rooms due, when events may have been lost. */
  all(): void {
    this.#allBefore = this.#options.clock.monotonic();
  }

  /** Checks what is due. Rejects when some could not be asked about; they are due again in the next step. */
  async step(): Promise<void> {
    const { rooms, clock, everyMs } = this.#options;
    const before = Math.max(clock.monotonic() - (everyMs - this.stepMs), this.#allBefore);
    const due = rooms.due(before, Math.max(RPC_BATCH, Math.ceil(rooms.size / SPREAD)));
    for (let from = 0; from < due.length; from += RPC_BATCH) {
      const batch = due.slice(from, from + RPC_BATCH);
      const results = await Promise.allSettled(batch.map((room) => this.#check(room)));
      const failure = results.find((result) => result.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    }
  }

  async #check(room: Room): Promise<void> {
    const { upstream, rooms } = this.#options;
    const answer = await upstream.heads({ tid: room.tid, cid: room.cid });
    if (isRpcError(answer) && answer.error !== 'not_found') throw new Error(`heads: ${answer.error}: ${answer.msg}`);
    rooms.checked(room);
    if (isRpcError(answer)) return room.access.check(Number.MAX_SAFE_INTEGER);
    room.observe(answer);
    await room.access.check(answer.access);
  }
}
