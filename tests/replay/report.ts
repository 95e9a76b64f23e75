import Table from 'cli-table3';
import type { LatencySummary } from '../bench/measure/latency.ts';
import type { Kill } from './chaos.ts';
import type { ThreadCounts, Verdict } from './check/verdict.ts';

export interface ReplayResult {
  readonly verdict: Verdict;
  readonly delivery: LatencySummary;
  readonly seconds: number;
  readonly caughtUp: number;
  readonly retries: number;
  readonly authorConnects: number;
  readonly authorReconnects: number;
  readonly observerReconnects: number;
  readonly refusals: readonly string[];
  readonly kills: readonly Kill[];
  /** Where the stored messages were read: the database, or the history route. */
  readonly checkedAgainst: string;
}

/** The one table of a replay, and under it what went wrong, if anything. */
export function formatReport(result: ReplayResult): string {
  const { verdict, delivery, kills } = result;
  const { faults } = verdict;
  const table = new Table({ head: ['', 'messages'], colAligns: ['left', 'right'], style: { head: [], border: [] } });
  table.push(
    ['sent', number(verdict.sent)],
    ['acknowledged', number(verdict.acknowledged)],
    [`stored (${result.checkedAgainst})`, number(verdict.stored)],
    ['delivered to observers', `${number(verdict.delivered)} of ${number(verdict.expected)}`],
    ['  of these while catching up', number(result.caughtUp)],
    ['lost', mark(faults.lost)],
    ['repeated', mark(faults.repeated)],
    ['out of order', mark(faults.outOfOrder)],
    ['text or author differs', mark(faults.differs)],
    ...(verdict.threads === undefined ? [] : threadRows(verdict.threads)),
    ['delivery p50 / p99 / max', `${ms(delivery.p50)} / ${ms(delivery.p99)} / ${ms(delivery.max)} ms`],
    ['messages/s', number(Math.round(verdict.acknowledged / result.seconds))],
    ['duration', `${result.seconds.toFixed(1)} s`],
    ['observers resumed', number(result.observerReconnects)],
    ['authors connected / again', `${number(result.authorConnects)} / ${number(result.authorReconnects)}`],
    ['sends repeated with their mid', number(result.retries)],
  );
  for (const { what, atLine, pauseMs } of kills) {
    table.push([`${what} killed at line ${number(atLine)}`, `longest pause ${ms(pauseMs)} ms`]);
  }
  const findings = verdict.findings.map(({ fault, where, what }) => `${fault}: ${where}: ${what}`);
  return [table.toString(), ...result.refusals.slice(0, 20), ...findings].join('\n');
}

const threadRows = ({ threads, replies, edges }: ThreadCounts) => [
  ['threads as in the file', number(threads)],
  ['  replies in them', number(replies)],
  ['messages that answer another', number(edges)],
];

const number = (value: number) => value.toLocaleString('en');
const ms = (value: number) => (value < 10 ? value.toFixed(1) : number(Math.round(value)));
const mark = (faults: number) => (faults === 0 ? '0 ✓' : `${number(faults)} ✗`);
