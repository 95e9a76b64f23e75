import { availableParallelism } from 'node:os';
import { SPREAD } from '../../../services/gateway/src/drain.ts';
import { median } from '../measure/median.ts';
import { percentile } from '../measure/percentile.ts';
import type { LineChart } from '../report/chart.ts';
import { figure } from '../report/svg.ts';
import type { Row, SectionResult } from '../section.ts';
import type { OpenLoopResult } from '../way/open-loop.ts';
import type { Checked, Moves } from './movers-process.ts';
import { countInSlices } from './slices.ts';

/** A phase in which people talk. */
export interface Talk {
  /** Of the bystanders' messages. */
  readonly delivery: OpenLoopResult;
  /** Messages to those who move that were not acknowledged in time. */
  readonly unanswered: number;
  /** Cores that were busy: with the servers that stay, and with those who move. */
  readonly cores: { readonly servers: number; readonly clients: number };
}

/** One gateway that was told to stop. */
export interface Round {
  readonly graceMs: number;
  /** Over which the gateway asks its clients to leave. */
  readonly spreadMs: number;
  /** When it was told, milliseconds since 1970. */
  readonly startedAt: number;
  /** Before, and while the sessions move. */
  readonly quiet: Talk;
  readonly beside: Talk;
  readonly moves: Moves;
  readonly checked: Checked;
  /** How long the gateway took to end. */
  readonly endedMs: number;
}

interface Sizes {
  readonly sessions: number;
  readonly room: number;
  readonly rates: { readonly bystanders: number; readonly movers: number };
}

const SLICE_MS = 250;
const MOST_IN_SLICE = 1.5;
const MOST_P99 = 1.3;

export function highestSlice({ moves, startedAt, spreadMs }: Round): { most: number; even: number } {
  const most = Math.max(...countInSlices(moves.attempts, startedAt, SLICE_MS));
  return { most, even: (moves.back.length * SLICE_MS) / spreadMs };
}

export function present(rounds: readonly Round[], sizes: Sizes): SectionResult {
  const byGrace = [...Map.groupBy(rounds, ({ graceMs }) => graceMs).values()];
  return {
    rows: byGrace.flatMap((some) => [...moved(some, sizes), ...noticed(some)]),
    charts: [chart(byGrace.flatMap((some) => some.slice(-1)))],
    notes: notes(byGrace[0]?.length ?? 0, sizes),
  };
}

/** What became of the sessions; of several rounds the worst. */
function moved(rounds: readonly Round[], { sessions }: Sizes): Row[] {
  const worst = (value: (round: Round) => number) => Math.max(...rounds.map(value));
  const graceMs = rounds[0]?.graceMs ?? 0;
  const ratio = worst((round) => highestSlice(round).most / highestSlice(round).even);
  const leftMs = worst(({ moves, startedAt }) => Math.max(...moves.attempts) - startedAt);
  const backMs = worst(({ moves, startedAt }) => Math.max(...moves.back) - startedAt);
  const away = (share: number) => figure(median(rounds.map(({ moves }) => percentile(moves.awayMs, share))));
  const faults = [
    worst(({ moves }) => moves.cut),
    worst(({ beside, checked }) => beside.unanswered + checked.missing),
    worst(({ checked }) => checked.outOfOrder),
  ];
  return [
    {
      what: `${sessions.toLocaleString('en')} sessions, grace ${graceMs / 1_000} s: most reconnects in ${SLICE_MS} ms`,
      ours: String(worst((round) => highestSlice(round).most)),
      theirs: `evenly spread ${figure(worst((round) => highestSlice(round).even))}`,
      ratio: `${figure(ratio)} x`,
      goal: { text: `<= ${MOST_IN_SLICE} x`, met: ratio <= MOST_IN_SLICE },
    },
    {
      ...row('  the last had left / was back / the process ended after'),
      ours: `${[leftMs, backMs, worst(({ endedMs }) => endedMs)].map((ms) => figure(ms / 1_000)).join(' / ')} s`,
      goal: { text: `left <= ${graceMs / 1_000} s`, met: leftMs <= graceMs },
    },
    { ...row('  one session away, p50 / p99'), ours: `${away(0.5)} / ${away(0.99)} ms` },
    {
      ...row('  closed by force, messages missing, twice or out of order'),
      ours: faults.join(', '),
      goal: { text: 'none', met: faults.every((count) => count === 0) },
    },
    { ...row('  put off for a moment by the others'), ours: String(worst(({ moves }) => moves.putOff)) },
  ];
}

/** What the bystanders noticed, and how busy the machine was. */
function noticed(rounds: readonly Round[]): Row[] {
  const missing = rounds.reduce((sum, { quiet, beside }) => sum + quiet.delivery.missing + beside.delivery.missing, 0);
  const of = (phase: 'quiet' | 'beside', value: (talk: Talk) => number) =>
    median(rounds.map((round) => value(round[phase])));
  const delivery = (name: 'p50' | 'p99', goal?: number): Row => {
    const beside = of('beside', (talk) => talk.delivery[name]);
    const quiet = of('quiet', (talk) => talk.delivery[name]);
    const ratio = beside / quiet;
    return {
      what: `  delivery of the others meanwhile, ${name}`,
      ours: `${figure(beside)} ms`,
      theirs: `before ${figure(quiet)} ms`,
      ratio: `${figure(ratio)} x`,
      ...(goal !== undefined && { goal: { text: `<= ${goal} x`, met: ratio <= goal && missing === 0 } }),
    };
  };
  const cores = (phase: 'quiet' | 'beside') =>
    `${figure(of(phase, (talk) => talk.cores.servers))} + ${figure(of(phase, (talk) => talk.cores.clients))}`;
  return [
    delivery('p99', MOST_P99),
    delivery('p50'),
    {
      ...row(`  cores busy of ${availableParallelism()}: servers but the draining one + clients that move`),
      ours: cores('beside'),
      theirs: `before ${cores('quiet')}`,
    },
  ];
}

const row = (what: string) => ({ what, ours: '', theirs: '', ratio: '' });

/** Reconnects a second, and what they would be if they were evenly spread. */
function chart(rounds: readonly Round[]): LineChart {
  const perSecond = 1_000 / SLICE_MS;
  return {
    kind: 'lines',
    name: 'bench-drain',
    title: 'Draining: sessions that come to the other gateways',
    xTitle: 'seconds since the gateway was told to stop',
    yTitle: 'a second',
    yScale: 'linear',
    series: rounds.flatMap(({ graceMs, spreadMs, startedAt, moves }) => {
      const counts = [...countInSlices(moves.attempts, startedAt, SLICE_MS), 0];
      const even = (moves.back.length * 1_000) / spreadMs;
      const points = counts.map((count, at) => [((at + 0.5) * SLICE_MS) / 1_000, count * perSecond] as const);
      const evenPoints = [
        [0, even],
        [spreadMs / 1_000, even],
        [spreadMs / 1_000, 0],
      ] as const;
      const grace = `grace ${graceMs / 1_000} s`;
      return [
        { name: grace, points },
        { name: `${grace}, evenly spread`, points: evenPoints },
      ];
    }),
  };
}

function notes(rounds: number, { sessions, room, rates }: Sizes): string[] {
  const load = `${rates.bystanders} messages a second of another tenant go from one of these to the other`;
  return [
    `A gateway has ${sessions.toLocaleString('en')} sessions, each joined to a conversation of ${room} members, and gets SIGTERM; two others take its sessions, half of them each, as behind a load balancer, and ${load}, one chat-service, everything on this machine. Clients do as the SDK: after \`bye\` they stay for the delay that it names, leave, connect to the other gateway, and resume from their last \`seq\`. Meanwhile ${rates.movers} messages a second are sent to their conversations, and each client checks that what it gets is dense and whole.`,
    `Clients are asked to leave over the first ${Math.round(SPREAD * 100)} % of the grace, evenly spaced. Attempts to connect are counted in slices of ${SLICE_MS} ms and shown for the worst of ${rounds} rounds; the even spread is all sessions over that time. The delays are not drawn by chance, so a slice differs from it only by what holds up the gateway or the clients, which yield to the servers: a peak follows a dip.`,
    `Delivery is measured while clients leave, and before with all of them there and the same load; medians of ${rounds} rounds. A message's delay counts from when it was due.`,
  ];
}
