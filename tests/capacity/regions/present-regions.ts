/** The parts of docs/regions.md that are reckoned, and the one that is measured. */
import { describeMachine } from '../../bench/report/machine.ts';
import { median } from '../../bench/measure/median.ts';
import type { Part } from '../report/document.ts';
import { ACTS, LINES, RESUMED } from './acts.ts';
import { type Distance, DISTANCES } from './distances.ts';
import { type MeasuredLine, type RegionsRun, ROOMS, type ServerLine, tripsOf } from './measure-regions.ts';
import { medianAmongMany, msAt, PLACEMENTS } from './model.ts';

const PAGE = 'regions.md';
/** Of the first table, a common one. */
const COMMON = DISTANCES[2] ?? { from: '', to: '', ms: 0 };
/** What a batch waits for at chat-services of which each has two under way (core/messages/group-commit.ts), in statements. */
const BATCH_WAIT = 1.5;

const whole = (ms: number) => (Math.abs(ms) < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en'));
const trips = (count: number) => (count === 0 ? '–' : count === 0.5 ? '½' : String(count));

/** In halves; from four on in whole ones, as what each adds comes to more than a half. */
const counted = (taken: number) => Math.max(0, taken < 4 ? Math.round(2 * taken) / 2 : Math.floor(taken + 0.3));

/** What is the same for everybody: it changes only when the counts or the distances do. */
export function partsOfDistances(): readonly Part[] {
  return [
    { id: 'trips', text: tripTable(), page: PAGE, pictures: [] },
    { id: 'acts', text: actTable(COMMON), page: PAGE, pictures: [] },
    { id: 'distances', text: distanceTables(), page: PAGE, pictures: [] },
  ];
}

function tripTable(): string {
  const head = ['act', ...LINES.map((line) => `\`${line}\``), 'what the trips are'];
  return table(
    head,
    ACTS.map((act) => [act.what, ...LINES.map((line) => trips(act.trips[line])), act.why]),
  );
}

function actTable({ from, to, ms }: Distance): string {
  const head = [`${from} – ${to}, ${ms} ms`, ...PLACEMENTS.map(({ title }) => title)];
  return table(
    head,
    ACTS.map(({ id, what }) => [what, ...PLACEMENTS.map((placement) => whole(msAt(id, placement, ms)))]),
  );
}

const SHOWN = [
  { title: 'Back after a lost connection: connect and join', acts: ['open', 'join'] },
  { title: `Back in ${RESUMED} conversations: connect and resume`, acts: ['open', 'resume'] },
  { title: 'Send, until `ack`', acts: ['ack'] },
] as const;

function distanceTables(): string {
  return SHOWN.map(({ title, acts }) => {
    const head = [title, 'ms', ...PLACEMENTS.map((placement) => placement.title)];
    const rows = DISTANCES.map(({ from, to, ms }) => [
      `${from} – ${to}`,
      String(ms),
      ...PLACEMENTS.map((placement) => whole(acts.reduce((sum, id) => sum + msAt(id, placement, ms), 0))),
    ]);
    return table(head, rows);
  }).join('\n\n');
}

const TITLES: Readonly<Record<ServerLine, string>> = {
  edge: 'a gateway and the NATS at home',
  leaf: 'a leaf node beside a gateway, and the NATS at home',
  database: 'chat-services and PostgreSQL',
  standby: 'PostgreSQL and a synchronous standby',
};

export function partOfRegions({ distanceMs, rate, lines, versions }: RegionsRun, load: string): Part {
  const text = [
    ...lines.map((line) => `**Between ${TITLES[line.line]}**\n\n${lineTable(line, distanceMs)}`),
    `**Of ${rate} sends a second to one gateway, in ${ROOMS} conversations**\n\n${manyTable(lines, rate)}`,
    describeMachine(versions, new Date(), load)
      .map((line) => `- ${line}`)
      .join('\n'),
  ];
  return { id: 'regions', text: text.join('\n\n'), page: PAGE, pictures: [] };
}

function lineTable(measured: MeasuredLine, distanceMs: number): string {
  const head = [
    'act',
    'trips',
    'trips measured',
    'without distance, ms',
    `with ${distanceMs} ms: modelled`,
    'measured',
  ];
  return table(
    head,
    ACTS.map(({ id, what, trips: reckoned }) => {
      const near = median(measured.near[id]);
      return [
        what,
        trips(reckoned[measured.line]),
        trips(counted(tripsOf(measured, id, distanceMs))),
        whole(near),
        whole(near + reckoned[measured.line] * distanceMs),
        whole(median(measured.far[id])),
      ];
    }),
  );
}

function manyTable(lines: readonly MeasuredLine[], rate: number): string {
  const rows = lines.flatMap(({ line, far, many }) => {
    if (many === undefined) return [];
    const alone = Math.min(...far.ack);
    const waits = line === 'database' || line === 'standby';
    const modelled = medianAmongMany(waits ? BATCH_WAIT * alone : alone, rate);
    const { sent, ack, deliver } = many;
    return [[TITLES[line], String(sent), ...[alone, modelled, ack.p50, ack.p99, deliver.p50, deliver.p99].map(whole)]];
  });
  const head = [
    'the long line is between',
    'sends',
    '`ack` alone',
    '`ack` p50 modelled',
    'measured',
    'p99',
    'delivered p50',
    'p99',
  ];
  return table(head, rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((name, n) => (n === 0 || name.startsWith('what ') ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
