import { join } from 'node:path';
import { median } from '../measure/median.ts';
import { MeasuredProcess } from '../processes/measured-process.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Row, Section, SectionResult } from '../section.ts';
import type { FanoutServer } from './fanout-server.ts';
import { FRAME_BYTES } from './frames.ts';
import type { ReceiversPlan } from './receivers.ts';

type ServerAnswers = {
  [K in keyof FanoutServer]: (argument: Parameters<FanoutServer[K]>[0]) => ReturnType<FanoutServer[K]>;
};
type ReceiverAnswers = {
  connect: (plan: ReceiversPlan) => Promise<number>;
  expect: (frames: number) => void;
  arrived: (nothing: undefined) => Promise<number>;
};

const SERVERS = {
  ours: { title: 'hub', program: 'hub-server.ts', path: '/', socketio: false },
  theirs: {
    title: 'socket.io',
    program: 'socketio-server.ts',
    path: '/socket.io/?EIO=4&transport=websocket',
    socketio: true,
  },
  bare: { title: 'bare writes', program: 'bare-server.ts', path: '/', socketio: false },
} as const;
type Side = keyof typeof SERVERS;
const SIDES = ['ours', 'theirs', 'bare'] as const satisfies readonly Side[];

/** Messages published at once, and how the results are called. */
const SHAPES = [
  { burst: 1, label: 'single messages', goal: 1.8 },
  { burst: 16, label: 'bursts of 16', goal: 25 },
  { burst: 64, label: 'bursts of 64', goal: 25 },
] as const;

/** Frames in one measurement: enough that the clock's grain and a collection do not matter. */
const FRAMES = { full: 160_000, quick: 40_000 };
const ROUNDS = { full: 5, quick: 1 };
const SIZES = { full: [1_000, 5_000], quick: [200] };

export const fanoutSection: Section = {
  id: 'fanout',
  title: 'Fan-out: server CPU time for each delivered frame',
  run: async (context) => {
    const sizes = context.quick ? SIZES.quick : SIZES.full;
    const results: { size: number; us: Measured }[] = [];
    for (const size of sizes) results.push({ size, us: await measureSize(context, size) });
    return present(results);
  },
};

/** CPU microseconds for each delivered frame: for each side, for each shape. */
type Measured = Record<Side, number[]>;

async function measureSize(context: BenchContext, size: number): Promise<Measured> {
  await using open = context.cleanup.use(new AsyncDisposableStack());
  const rooms = {
    ours: await openRoom(SERVERS.ours, size, open),
    theirs: await openRoom(SERVERS.theirs, size, open),
    bare: await openRoom(SERVERS.bare, size, open),
  };
  const none = () => SHAPES.map((): number[] => []);
  const samples: Record<Side, number[][]> = { ours: none(), theirs: none(), bare: none() };
  const rounds = context.quick ? ROUNDS.quick : ROUNDS.full;
  const frames = context.quick ? FRAMES.quick : FRAMES.full;
  for (let round = 0; round <= rounds; round += 1) {
    context.say(round === 0 ? `${size} sockets: warming up` : `${size} sockets: round ${round} of ${rounds}`);
    for (const [index, { burst }] of SHAPES.entries()) {
      for (const side of SIDES) {
        const us = await measure(rooms[side], size, burst, round === 0 ? frames / 4 : frames);
        if (round > 0) samples[side][index]?.push(us);
      }
    }
  }
  return { ours: samples.ours.map(median), theirs: samples.theirs.map(median), bare: samples.bare.map(median) };
}

interface Room {
  readonly server: MeasuredProcess<ServerAnswers>;
  readonly receivers: MeasuredProcess<ReceiverAnswers>;
}

async function openRoom(
  { title, program, path, socketio }: (typeof SERVERS)[Side],
  size: number,
  open: AsyncDisposableStack,
): Promise<Room> {
  const start = <A extends Record<string, (argument: never) => unknown>>(name: string, file: string) => {
    const started = new MeasuredProcess<A>(name, join(import.meta.dirname, file));
    open.defer(() => started.stop());
    return started;
  };
  const server = start<ServerAnswers>(title, program);
  const receivers = start<ReceiverAnswers>(`receivers of ${title}`, 'receivers.ts');
  const port = await server.ask('listen', undefined);
  await receivers.ask('connect', { url: `ws://127.0.0.1:${port}${path}`, count: size, socketio });
  while ((await server.ask('members', undefined)) < size) await new Promise((resolve) => setTimeout(resolve, 20));
  return { server, receivers };
}

/** Publishes burst after burst, each when the last has arrived everywhere, and divides the server's CPU time. */
async function measure({ server, receivers }: Room, size: number, burst: number, frames: number): Promise<number> {
  const perBurst = size * burst;
  const bursts = Math.max(3, Math.ceil(frames / perBurst));
  const before = await server.cpuUs();
  for (let sent = 0; sent < bursts; sent += 1) {
    await receivers.ask('expect', perBurst);
    await server.ask('publish', burst);
    await receivers.ask('arrived', undefined);
  }
  return ((await server.cpuUs()) - before) / (bursts * perBurst);
}

function present(results: readonly { size: number; us: Measured }[]): SectionResult {
  const rows: Row[] = [];
  const groups: { label: string; values: number[] }[] = [];
  for (const { size, us } of results) {
    for (const [index, { label, goal }] of SHAPES.entries()) {
      const [ours, theirs, bare] = SIDES.map((side) => us[side][index] ?? 0) as [number, number, number];
      const ratio = theirs / ours;
      rows.push({
        what: `${size.toLocaleString('en')} sockets, ${label}`,
        ours: `${figure(ours)} us`,
        theirs: `socket.io ${figure(theirs)} us`,
        ratio: `${figure(ratio)} x`,
        goal: { text: `>= ${goal} x`, met: ratio >= goal },
      });
      rows.push({
        what: '  the same bytes by bare writes',
        ours: '',
        theirs: `${figure(bare)} us`,
        ratio: `${figure(bare / ours)} x`,
      });
      groups.push({ label: `${size.toLocaleString('en')} sockets, ${label}`, values: [ours, theirs, bare] });
    }
  }
  return {
    rows,
    charts: [
      {
        kind: 'bars',
        name: 'bench-fanout',
        title: 'Fan-out: server CPU for each delivered frame',
        unit: 'us',
        scale: 'log',
        series: ['MessageCore', 'socket.io', 'bare writes'],
        groups,
      },
    ],
    notes: [
      `One room, frames of ${FRAME_BYTES} bytes, receivers in other processes; every frame is counted where it arrives. CPU time is the server process's own, user and system, divided by frames received. Rounds are interleaved; the median counts.`,
      'Bare writes are the floor of any Node server: one `socket.write` of ready bytes for each socket and nothing else, no order, no bound, no membership. What the kernel takes for a write is the same for everybody, and there is no way to send more than one socket its bytes in one system call.',
      'A burst is published in one turn of the event loop, as a busy room or a batch from the bus is; the next one follows when the last has arrived everywhere.',
    ],
  };
}
