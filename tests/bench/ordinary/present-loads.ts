import { figure } from '../report/svg.ts';
import type { Row, SectionResult } from '../section.ts';
import { isHeld } from './crowd.ts';
import type { Disk } from './disk.ts';
import type { Costs, Figures } from './figures.ts';
import type { Shape } from './loads.ts';
import { BOUND_MS } from './plan.ts';
import { diskRows } from './present-highest.ts';

export interface Load {
  readonly rate: number;
  readonly ours: Figures;
  readonly plain: Figures;
  readonly bare: Figures;
}

export interface Measured {
  readonly shape: Shape;
  /** What a second costs without messages. */
  readonly idle: { readonly ours: Costs; readonly plain: Costs };
  readonly loads: readonly Load[];
}

export function presentLoads(measured: readonly Measured[], disk: Disk, rounds: number): SectionResult {
  const [pairs] = measured;
  return {
    rows: [
      ...diskRows(disk),
      ...measured.flatMap(({ shape, idle, loads }) => [
        idleRow(shape, idle),
        ...loads.flatMap((load) => loadRows(shape, load)),
      ]),
    ],
    charts: pairs === undefined ? [] : [chartOf(pairs)],
    notes: notesOf(rounds),
  };
}

function idleRow({ label }: Shape, { ours, plain }: Measured['idle']): Row {
  return {
    what: `${label}, nobody sends: CPU a second`,
    ours: `${figure(ours.cpuMs)} ms, ${figure(ours.wakeUps)} wake-ups, ${figure(ours.commits)} commits`,
    theirs: `plain ${figure(plain.cpuMs)} ms, ${figure(plain.wakeUps)} wake-ups`,
    ratio: ratioOf(ours.cpuMs, plain.cpuMs),
  };
}

function loadRows({ label, members }: Shape, { rate, ours, plain, bare }: Load): Row[] {
  const delays = (name: 'delivery' | 'acknowledgement') => ({
    ours: delayOf(ours[name]),
    theirs: `plain ${delayOf(plain[name])}; NATS ${delayOf(bare[name])}`,
    ratio: `${ratioOf(ours[name].p99, plain[name].p99)} (p99)`,
  });
  const deliveries = members === 2 ? '' : ` (${figure(rate * members)} deliveries/s)`;
  return [
    {
      what: `${label}, ${rate.toLocaleString('en')} msg/s${deliveries}: CPU a message`,
      ours: `${notHeld(ours)}${figure(ours.costs.cpuMs)} ms`,
      theirs: `plain ${notHeld(plain)}${figure(plain.costs.cpuMs)} ms; NATS ${notHeld(bare)}${figure(bare.costs.cpuMs)} ms`,
      ratio: ratioOf(ours.costs.cpuMs, plain.costs.cpuMs),
    },
    { what: '  of it, us', ours: partsOf(ours.costs), theirs: `plain ${partsOf(plain.costs)}`, ratio: '' },
    { what: '  delivery p50 / p99', ...delays('delivery') },
    { what: '  acknowledgement p50 / p99', ...delays('acknowledgement') },
    {
      what: '  commits, WAL a message (of it images of pages)',
      ours: storedOf(ours.costs),
      theirs: `plain ${storedOf(plain.costs)}`,
      ratio: ratioOf(ours.costs.walBytes, plain.costs.walBytes),
    },
    {
      what: '  NATS messages, Redis commands, wake-ups a message',
      ours: `${figure(ours.costs.natsMessages)}, ${figure(ours.costs.redisCommands)}, ${figure(ours.costs.wakeUps)}`,
      theirs: `plain 0, 0, ${figure(plain.costs.wakeUps)}; NATS ${figure(bare.costs.natsMessages)}, 0, ${figure(bare.costs.wakeUps)}`,
      ratio: `${ratioOf(ours.costs.wakeUps, plain.costs.wakeUps)} (wake-ups)`,
    },
    {
      what: '  the client: CPU a message, share of a core, late by (p99)',
      ours: clientOf(ours),
      theirs: `plain ${clientOf(plain)}; NATS ${clientOf(bare)}`,
      ratio: '',
    },
  ];
}

const delayOf = ({ p50, p99 }: Figures['delivery']) => `${figure(p50)} / ${figure(p99)} ms`;

const percent = (share: number) => `${figure(share * 100)} %`;

const partsOf = ({ cpuUs }: Costs) =>
  Object.entries(cpuUs)
    .map(([name, us]) => `${name} ${figure(us)}`)
    .join(' + ');

const storedOf = ({ commits, walBytes, pageImageBytes }: Costs) =>
  `${figure(commits)}, ${figure(walBytes)} B (${figure(pageImageBytes)})`;

/** Of a share above this of a core the client itself may be what is slow. */
const BUSY = 0.85;

const clientOf = ({ costs, clientShare, lateP99, putOff, missing }: Figures) =>
  [
    `${figure(costs.clientUs)} us`,
    `${percent(clientShare)}${clientShare > BUSY ? ' (busy)' : ''}`,
    `${figure(lateP99)} ms`,
    ...(putOff > 0 ? [`${percent(putOff)} put off`] : []),
    ...(missing > 0 ? [`${percent(missing)} missing`] : []),
  ].join(', ');

const notHeld = (figures: Figures) => (isHeld(figures) ? '' : `not held (${percent(figures.inTime)}) `);

/** Above 1 where the product needs less. */
const ratioOf = (ours: number, theirs: number) => (ours > 0 && theirs > 0 ? `${figure(theirs / ours)} x` : '');

function chartOf({ shape, loads }: Measured): SectionResult['charts'][number] {
  const sides = [
    ['MessageCore', ({ ours }: Load) => ours],
    ['Socket.IO + PostgreSQL', ({ plain }: Load) => plain],
    ['bare NATS', ({ bare }: Load) => bare],
  ] as const;
  return {
    kind: 'lines',
    name: 'bench-ordinary',
    title: `CPU of all servers for each message, ${shape.label}, where the rate is held`,
    xTitle: 'messages a second',
    yTitle: 'ms',
    yScale: 'log',
    xMarks: loads.map(({ rate }) => rate.toLocaleString('en')),
    series: sides.map(([name, of]) => ({
      name,
      points: loads.flatMap((load, index) => (isHeld(of(load)) ? [[index, of(load).costs.cpuMs] as const] : [])),
    })),
  };
}

const HOW_TO_RUN =
  'Alone: `npm run bench -- --only ordinary`, about ten minutes. `--rounds N` for another number of rounds; `--highest` finds the highest rate of each side with p99 <= 200 ms instead; `--fdatasync-delay 2` makes every fdatasync of PostgreSQL 2 ms slower, for all sides, by a small C library that is loaded into it (Linux, with a C compiler called `cc`).';

function notesOf(rounds: number): string[] {
  return [
    `Every user has one socket and has joined one conversation; all send in turn, and a message is delivered to every member, its sender too. MessageCore with one chat-service and one gateway. Plain: one Socket.IO server of forty lines that inserts a row, emits it to the room and then acknowledges it, in a database of its own in the same PostgreSQL (fsync on); it keeps no order, finds no repeats and asks for no rights. NATS: a process publishes what another one has subscribed to and answers; nothing is written down. Everything runs on this machine, the clients too.`,
    `The load is open: messages are due at even intervals whatever happens, and every delay counts from when a message was due; what never came counts with the time waited for it. A rate is held when at least 98 % of the deliveries that it asks for come within ${BOUND_MS} ms; the share stands beside "not held". A load is given up when two seconds' worth of it are without an answer, and a rate of which less than half came in time is not tried again in later rounds. Missing is what was not sent for that reason, or did not come within fifteen seconds after the last send.`,
    `Costs are of all server processes (MessageCore: gateway, chat-service, NATS, Redis, PostgreSQL with its backends and background processes; plain: server, PostgreSQL), from before the first message until a second after the last, what they do without messages included, divided by the messages. PostgreSQL's backends of the other side's database do not count, but its workers that begin and end meanwhile do, for whichever side is measured: autovacuum among them; commits and bytes of WAL are those of the whole server, read from the log, so that plain has the few that MessageCore makes while nobody sends. A wake-up is a voluntary context switch of a server's thread. Ratios above 1 are in favour of MessageCore.`,
    `The sides take turns within each of ${rounds} rounds; each figure is the median of its rounds. The client's CPU is in no cost; it is one process for each side, and receivers of bare NATS are a second one; a client is busy when one of its processes is.`,
    HOW_TO_RUN,
  ];
}
