import type { Clock } from '@messagecore/kernel';
import {
  PRESENCE_EVERY_MS,
  PRESENCE_USERS,
  type RpcError,
  type RpcItem,
  type RpcResult,
} from '@messagecore/protocol/bus';

type Report = RpcItem<'present'>;
type Part = 'active' | 'away' | 'gone';

/** A session, and whose it is. */
export interface PresentSession {
  readonly tid: string;
  readonly userId: string;
  readonly sid: string;
}

interface PresentUser {
  readonly tid: string;
  /** By session, whether anybody is at the device. */
  readonly sessions: Map<string, boolean>;
  /** As it was reported last. */
  told: boolean | undefined;
}

export interface PresenceReportsOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly report: (item: Report) => Promise<RpcResult<'present'> | RpcError>;
}

/**
 * Reports who is at this gateway: what changes with the next step, everybody every `PRESENCE_EVERY_MS`. A user is active while
 * one session here is. Reports that fail are not repeated: the next ones say the same. Bounded by the sessions, and by those that ended
 * since the last step.
 */
export class PresenceReports {
  readonly #options: PresenceReportsOptions;
  readonly #users = new Map<string, PresentUser>();
  readonly #changed = new Map<string, string>();
  #allAt = Number.NEGATIVE_INFINITY;

  constructor(options: PresenceReportsOptions) {
    this.#options = options;
  }

  opened({ tid, userId, sid }: PresentSession): void {
    const user = this.#users.get(userId) ?? { tid, sessions: new Map<string, boolean>(), told: undefined };
    this.#users.set(userId, user);
    user.sessions.set(sid, true);
    this.#changed.set(userId, tid);
  }

  closed({ tid, userId, sid }: PresentSession): void {
    const user = this.#users.get(userId);
    if (user?.sessions.delete(sid) !== true) return;
    if (user.sessions.size === 0) this.#users.delete(userId);
    this.#changed.set(userId, tid);
  }

  set({ tid, userId, sid }: PresentSession, isActive: boolean): void {
    const user = this.#users.get(userId);
    if (user?.sessions.has(sid) !== true) return;
    user.sessions.set(sid, isActive);
    this.#changed.set(userId, tid);
  }

  /** To be called every second or so, and once more when all sessions have ended. Never rejects. */
  async step(): Promise<void> {
    const now = this.#options.clock.monotonic();
    const isAll = now - this.#allAt >= PRESENCE_EVERY_MS;
    const due = new Map(this.#changed);
    this.#changed.clear();
    if (isAll) {
      this.#allAt = now;
      for (const [userId, { tid }] of this.#users) due.set(userId, tid);
    }
    await Promise.all(this.#reportsOf(due, isAll).map((report) => this.#options.report(report)));
  }

  #reportsOf(due: ReadonlyMap<string, string>, isAll: boolean): Report[] {
    const reports: Report[] = [];
    const open = new Map<string, Report>();
    const put = (tid: string, part: Part, userId: string) => {
      const report = open.get(tid) ?? { tid, active: [], away: [], gone: [] };
      if (!open.has(tid)) reports.push(report);
      report[part].push(userId);
      open.set(tid, report);
      if (report.active.length + report.away.length + report.gone.length === PRESENCE_USERS) open.delete(tid);
    };
    for (const [userId, tid] of due) {
      const user = this.#users.get(userId);
      if (user === undefined) {
        put(tid, 'gone', userId);
        continue;
      }
      const isActive = [...user.sessions.values()].includes(true);
      if (!isAll && user.told === isActive) continue;
      user.told = isActive;
      put(tid, isActive ? 'active' : 'away', userId);
    }
    return reports;
  }
}
