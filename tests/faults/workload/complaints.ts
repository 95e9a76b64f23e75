import { ERRORS, type ErrorCode } from '@messagecore/protocol';

export interface RefusedSend {
  readonly client: string;
  readonly cid: string;
  readonly at: number;
  /** Since it was sent for the first time, milliseconds. */
  readonly ageMs: number;
}

/**
 * What clients were refused. A fault of the infrastructure may be answered by `unavailable` with a time to wait, and by
 * nothing else: whatever is not that is written down as a complaint.
 */
export class Complaints {
  readonly list: string[] = [];
  /** Refused sends, in the order of the refusals. */
  readonly refusedSends: RefusedSend[] = [];
  /** How often each code came. */
  readonly counts = new Map<ErrorCode, number>();

  refused(who: string, code: ErrorCode, retryAfterMs: number | undefined): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    if (code === 'cursor_ahead') return;
    if (code !== 'unavailable') this.add(`${who} was refused with ${code}`);
    else if (retryAfterMs === undefined) this.add(`${who} got ${code} without a time to wait`);
  }

  /** An HTTP answer that was not a success. */
  answered(who: string, status: number, code: ErrorCode | undefined, retryAfter: string | null): void {
    if (code === undefined || ERRORS[code].http !== status) return this.add(`${who} got HTTP ${status} ${code ?? ''}`);
    this.refused(`${who} (HTTP)`, code, retryAfter === null ? undefined : Number(retryAfter));
  }

  add(what: string): void {
    this.list.push(what);
  }
}
