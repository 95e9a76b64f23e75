import type { Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { fault, type Finding, well } from './finding.ts';

/** Tokens and times to live are judged by these clocks. */
const APART_MS = 2_000;
const CURE = 'run NTP (chrony, systemd-timesyncd) on every machine, and look at which of them is wrong';

/** Compares PostgreSQL's clock with this machine's. */
export async function checkClock(sql: Sql): Promise<readonly Finding[]> {
  const before = systemClock.now();
  const [row] = await sql<{ at: number }[]>`select extract(epoch from clock_timestamp())::float8 * 1000 as at`;
  const after = systemClock.now();
  return [judge('PostgreSQL', (row?.at ?? before) - (before + after) / 2, after - before)];
}

/** A clock that is ahead by so much, known to within `errorMs`. */
export function judge(whose: string, aheadMs: number, errorMs: number): Finding {
  if (Math.abs(aheadMs) - errorMs <= APART_MS) return well('clocks', `${whose} and this machine agree`);
  const seconds = (Math.abs(aheadMs) / 1_000).toFixed(1);
  const how = `${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return fault('clocks', 'clocks-apart', `the clock of ${whose} is ${how} this machine's`, CURE);
}
