/** Months and days by UTC, as text: `2026-11`, `2026-11-28`. */

export const monthAt = (ms: number): string => new Date(ms).toISOString().slice(0, 7);

const HOUR_MS = 3_600_000;

/** `monthAt` for who asks with each message: a month begins with an hour. */
export class Months {
  #hour = Number.NaN;
  #month = '';

  at(ms: number): string {
    const hour = Math.floor(ms / HOUR_MS);
    if (hour !== this.#hour) [this.#hour, this.#month] = [hour, monthAt(ms)];
    return this.#month;
  }
}

export const firstDayOf = (month: string): string => `${month}-01`;

export function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}
