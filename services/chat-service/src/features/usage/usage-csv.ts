import type { UsageDay } from '@messagecore/protocol/features';

/** Columns in the order of the file. None of their values needs quotes. */
const COLUMNS = [
  'day',
  'messages',
  'activeUsers',
  'users',
  'peakConnections',
  'storageBytes',
] as const satisfies readonly (keyof UsageDay)[];

/** A table as RFC 4180 has it: a header, then a line a day. */
export function usageCsv(days: readonly UsageDay[]): string {
  const lines = days.map((day) => COLUMNS.map((column) => day[column]).join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}
