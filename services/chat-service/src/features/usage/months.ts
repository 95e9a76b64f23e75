/** Months and days by UTC, as text: `2026-11`, `2026-11-28`. */

export const monthAt = (ms: number): string => new Date(ms).toISOString().slice(0, 7);

export const firstDayOf = (month: string): string => `${month}-01`;

export function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}
