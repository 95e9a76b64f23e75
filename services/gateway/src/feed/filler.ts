import { Backoff, type Clock, type Random, type Timer } from '@messagecore/kernel';
import type { Logger } from '@messagecore/runtime';
import { gapReason } from '../egress/gap.ts';
import { readMessages, readUpdates } from './envelopes.ts';
import type { Upstream } from './ports.ts';
import type { RoomLog } from './room-log.ts';

/** What is only late arrives within this time; a request for it would be wasted. */
const GRACE_MS = 30;
const PAGE = 500;
/** Bytes that wait for slow fan-out at which the next page is not asked for yet, and how long until the next look. */
const WAITING_BYTES = 2 * 1024 * 1024;
const LOOK_AGAIN_MS = 10;
const RETRY = { minMs: 100, maxMs: 2_000 };

interface FillerRoom {
  readonly tid: string;
  readonly cid: string;
  readonly first: number;
}

export interface FillerDeps {
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random?: Random;
  readonly log: Logger;
  /** Something was filled in. */
  readonly onFilled: () => void;
}

/**
 * Fetches from the history what the bus did not bring. At most one round is under way; it goes on until nothing is
 * missing, and a failed request is repeated after a wait, for as long as the room is held.
 */
export class Filler {
  readonly #room: FillerRoom;
  readonly #roomLog: RoomLog;
  readonly #deps: FillerDeps;
  #timer: Timer | undefined;
  #running = false;
  #stopped = false;

  constructor(room: FillerRoom, roomLog: RoomLog, deps: FillerDeps) {
    this.#room = room;
    this.#roomLog = roomLog;
    this.#deps = deps;
  }

  /** To be called whenever something may have come to be missing. */
  check(): void {
    if (this.#timer !== undefined || this.#running || this.#stopped || !this.#incomplete) return;
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#run();
    }, GRACE_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  get #incomplete(): boolean {
    return this.#roomLog.missingMessages !== undefined || this.#roomLog.missingUpdates !== undefined;
  }

  async #run(): Promise<void> {
    this.#running = true;
    const { clock, log, random = Math.random } = this.#deps;
    let backoff: Backoff | undefined;
    while (this.#incomplete && !this.#stopped) {
      try {
        if (this.#roomLog.waitingBytes > WAITING_BYTES) {
          await pause(clock, LOOK_AGAIN_MS);
          continue;
        }
        await this.#fill();
        backoff = undefined;
        this.#deps.onFilled();
      } catch (err) {
        log.warn({ cid: this.#room.cid, err }, 'history not available, trying again');
        backoff ??= new Backoff({ ...RETRY, random });
        await pause(clock, backoff.next());
      }
    }
    this.#running = false;
  }

  /** One page, messages first: a change may wait for its message. */
  async #fill(): Promise<void> {
    const { tid, cid } = this.#room;
    const { upstream } = this.#deps;
    const missing = this.#roomLog.missingMessages;
    if (missing !== undefined) {
      const to = Math.min(missing.to, missing.from + PAGE - 1);
      const page = readMessages(await upstream.history({ tid, cid, from: missing.from, to, limit: PAGE }));
      return this.#roomLog.fillMessages({ from: missing.from, to }, page, gapReason(to, this.#room.first));
    }
    const missingUpdates = this.#roomLog.missingUpdates;
    if (missingUpdates !== undefined) {
      const page = await upstream.changes({ tid, cid, after: missingUpdates.after, limit: PAGE });
      this.#roomLog.fillUpdates(missingUpdates, readUpdates(page));
    }
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimeout(resolve, ms));
}
