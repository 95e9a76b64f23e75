/** `mc move …`: what is asked for, and what is said of it. */
import type { Difference } from '../installation/table-sums.ts';
import { createProgress } from '../output/progress.ts';
import { columnsOf } from '../output/table.ts';
import { compareBesideTraffic, type Comparison } from './compare.ts';
import { endMove, type Ended } from './end.ts';
import { obstacles, prepare } from './prepare.ts';
import { type MoveAddresses, withServers } from './servers.ts';
import { stateOf } from './state.ts';
import { switchOver, SwitchRefused, type Switched } from './switch.ts';

interface Printed {
  readonly json: boolean;
}

export interface SwitchArguments extends Printed {
  readonly wayBack: boolean;
  readonly compareLater: boolean;
  /** Seconds. */
  readonly wait: number;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);
const printed = (json: boolean, result: object, text: () => string) =>
  print(json ? JSON.stringify(result, null, 2) : text());

/** 1 when something is in the way. */
export function prepareMove(addresses: MoveAddresses, { json }: Printed): Promise<number> {
  return withServers(addresses, async (servers) => {
    const inTheWay = await obstacles(servers);
    if (inTheWay.length > 0) {
      printed(json, { obstacles: inTheWay }, () => inTheWay.map((line) => `✘  ${line}`).join('\n'));
      return 1;
    }
    const tables = await prepare(servers, addresses);
    printed(json, { tables }, () => `${tables} tables are being copied: "mc move status" says how far it is`);
    return 0;
  });
}

/** 1 unless the new server follows or has the record. */
export function moveStatus(addresses: MoveAddresses, { json }: Printed): Promise<number> {
  return withServers(addresses, async (servers) => {
    const state = await stateOf(servers);
    const { phase, tables, ready, lagBytes, errors, wayBack } = state;
    const stopped = 'stopped: neither server takes writes. "mc move switch" goes on, "mc move end" gives the move up';
    printed(json, state, () =>
      columnsOf([
        ['state', phase === 'stopped' ? stopped : phase],
        ['tables', `${ready} of ${tables} are copied`],
        ['lag', lagBytes === null ? 'unknown' : `${lagBytes} bytes`],
        ['errors', errors === 0 ? 'none' : `${errors}: the log of the new server has them`],
        ['way back', wayBack ? 'the old server follows' : 'none'],
      ]),
    );
    return phase === 'following' || phase === 'switched' ? 0 : 1;
  });
}

/** 1 when a table differs. */
export function compareMove(addresses: MoveAddresses, { json }: Printed): Promise<number> {
  const progress = createProgress();
  progress.start('compare', 'tables');
  return withServers(addresses, async (servers) => {
    const compared = await compareBesideTraffic(servers, progress.update).finally(progress.stop);
    printed(json, compared, () =>
      columnsOf([...formatComparison(compared), ['writes stood still', `${compared.stoppedMs} ms`]]),
    );
    return compared.differences.length > 0 ? 1 : 0;
  });
}

/**
 * 1 when nothing was switched, and when rows that were compared later differ, or something else is left to do. Told to end in
 * the pause, it opens the old server again.
 */
export function switchMove(addresses: MoveAddresses, options: SwitchArguments): Promise<number> {
  const { json, wait, wayBack, compareLater } = options;
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    // The terminal sends it to everyone, and npm passes it on: a second one must not kill what opens the old server again.
    process.on(signal, () => over.abort(new Error(`told to end by ${signal}`)));
  const progress = createProgress();
  progress.start('compare', 'tables');
  const how = { wayBack, compareLater, waitMs: wait * 1_000, toLink: addresses.toLink, signal: over.signal };
  return withServers(addresses, async (servers) => {
    try {
      const switched = await switchOver(servers, { ...how, onTable: progress.update }).finally(progress.stop);
      const { comparison, left } = switched;
      printed(json, switched, () => formatSwitched(switched));
      return comparison === null || comparison.differences.length > 0 || left.length > 0 ? 1 : 0;
    } catch (error) {
      if (!(error instanceof SwitchRefused)) throw error;
      printed(json, { refused: error.message, comparison: error.comparison }, () =>
        columnsOf([['refused', error.message], ...(error.comparison?.differences ?? []).map(formatDifference)]),
      );
      return 1;
    }
  });
}

export function endOfMove(addresses: MoveAddresses, { json }: Printed): Promise<number> {
  return withServers(addresses, async (servers) => {
    const ended = await endMove(servers, addresses);
    printed(json, ended, () => [formatRecord(ended), ...ended.left].join('\n'));
    return ended.left.length > 0 ? 1 : 0;
  });
}

function formatRecord({ switched, reopened }: Ended): string {
  if (switched === null) return 'which server has the record is not known';
  if (switched) return 'the new server has the record; the old one stays read-only, and gets nothing any more';
  const writes = reopened ? 'takes writes again after a switch that was cut short' : 'has the record, as before';
  return `the old server ${writes}; the new one stays read-only`;
}

const formatSwitched = ({ pausedMs, sequences, comparison, left }: Switched) =>
  columnsOf([
    ['writes stood still', `${pausedMs} ms`],
    ...(comparison === null ? [] : formatComparison(comparison)),
    ['sequences', `${sequences} carried over`],
    ['now', 'the new server takes the writes'],
    ...left.map((line) => ['left', line]),
  ]);

const formatComparison = ({ tables, rows, differences }: Comparison): string[][] => [
  ['compared', `${tables} tables with ${rows} rows: ${differences.length === 0 ? 'equal' : 'DIFFERENT'}`],
  ...differences.map(formatDifference),
];

const formatDifference = ({ table, before, after }: Difference): string[] => [
  table,
  `${before?.rows ?? 'no'} rows on the old server, ${after?.rows ?? 'no'} on the new one`,
];
