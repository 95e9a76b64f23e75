/** Runs the product with one long line, does each act a few times, one after the other, and a few hundred sends at once. */
import postgres from 'postgres';
import { startStandby } from '@messagecore/dev-servers';
import { TcpProxy } from '@messagecore/testkit';
import { LatencyRecorder } from '../../bench/measure/latency.ts';
import { populate } from '../../bench/stack/population.ts';
import { tokenFor } from '../../bench/stack/token.ts';
import { openLoop } from '../../bench/way/open-loop.ts';
import { type Cluster, JWT_SECRET, startCluster } from '../../faults/cluster/cluster.ts';
import type { Route } from '../../faults/cluster/links.ts';
import { ActClient } from './act-client.ts';
import { type ActId, ACTS, type Line, RESUMED } from './acts.ts';

/** Lines of servers; that of clients is the client's own. */
export type ServerLine = Exclude<Line, 'client'>;

export interface Plan {
  /** Round trip of the long line, milliseconds. */
  readonly distanceMs: number;
  readonly times: number;
  /** Sends a second, and for how long; none when left out. */
  readonly many?: { readonly rate: number; readonly seconds: number };
  /** Measured again, so often at most, until this is true; once when left out. */
  readonly again?: { readonly rounds: number; readonly isEnough: (measured: MeasuredLine) => boolean };
  readonly say: (line: string) => void;
}

/** Milliseconds. */
export type Times = Readonly<Record<ActId, readonly number[]>>;

export interface Many {
  readonly sent: number;
  readonly ack: { readonly p50: number; readonly p99: number };
  readonly deliver: { readonly p50: number; readonly p99: number };
}

export interface MeasuredLine {
  readonly line: ServerLine;
  readonly near: Times;
  readonly far: Times;
  readonly many: Many | undefined;
}

export interface RegionsRun {
  readonly distanceMs: number;
  readonly rate: number;
  readonly lines: readonly MeasuredLine[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Longer than gateways wait before they pass on the next report of reading, or of typing. */
const REST_MS = 300;
/** So often a round has a resume, which takes rooms that nobody has joined there. */
const RESUMES = 2;
/** Sends of many come from so many conversations. */
export const ROOMS = 32;

/** Gateways: the one with a leaf node, and the one that connects to the NATS at home. */
const [WITH_LEAF, DIRECT] = [0, 1];
const SERVER_LINES: readonly ServerLine[] = ['edge', 'leaf', 'database', 'standby'];
const DISTANCE_MS = 80;
const RATE = 200;

/** What `npm run capacity -- --regions` measures. */
export function measureRegions({ quick, say }: { quick: boolean } & Pick<Plan, 'say'>): Promise<RegionsRun> {
  const many = { rate: RATE, seconds: quick ? 0.5 : 3 };
  return measureLines({ distanceMs: DISTANCE_MS, times: quick ? 3 : 11, many, say });
}

/** All lines, one after the other, in one cluster, whose first gateway has a leaf node of its own. */
export async function measureLines(plan: Plan): Promise<RegionsRun> {
  await using cleanup = new AsyncDisposableStack();
  plan.say('starting');
  const cluster = await startCluster({ wired: true, edge: 'leaf' });
  cleanup.defer(() => cluster.stop());
  const lines: MeasuredLine[] = [];
  for (const line of SERVER_LINES) {
    plan.say(`the long line: ${line}`);
    // Once there is such a standby, every commit waits for it.
    const stretch = line === 'standby' ? await addStandby(cluster, cleanup) : lengthen(cluster, line);
    lines.push(await measureLine(cluster, line, stretch, plan));
    stretch(0);
  }
  return { distanceMs: plan.distanceMs, rate: plan.many?.rate ?? 0, lines, versions: cluster.versions };
}

async function measureLine(cluster: Cluster, line: ServerLine, stretch: Stretch, plan: Plan): Promise<MeasuredLine> {
  const people = await peopleOf(cluster, plan, line === 'edge' ? DIRECT : WITH_LEAF);
  const { times, distanceMs, again, many } = plan;
  let measured: MeasuredLine = { line, near: NO_TIMES, far: NO_TIMES, many: undefined };
  for (let round = 0; round < roundsOf(plan) && (round === 0 || again?.isEnough(measured) === false); round += 1) {
    stretch(0);
    const near = added(measured.near, await timeActs(people, times));
    stretch(distanceMs);
    measured = { ...measured, near, far: added(measured.far, await timeActs(people, times)) };
  }
  return { ...measured, many: many && (await sendMany(people, many)) };
}

const roundsOf = ({ again }: Pick<Plan, 'again'>): number => again?.rounds ?? 1;

const NO_TIMES = Object.fromEntries(ACTS.map(({ id }) => [id, []])) as unknown as Times;

function added(before: Times, more: Times): Times {
  return Object.fromEntries(ACTS.map(({ id }) => [id, [...before[id], ...more[id]]])) as unknown as Times;
}

type Stretch = (ms: number) => void;

function lengthen(cluster: Cluster, line: Exclude<ServerLine, 'standby'>): Stretch {
  const ROUTES = { edge: 'gateway-nats', leaf: 'edge-home', database: 'chat-service-postgres' } as const;
  const route: Route = ROUTES[line];
  const wires = cluster.links.of(route, line === 'edge' ? DIRECT : undefined);
  return (ms) => wires.set({ delayMs: ms / 2 });
}

async function addStandby({ postgres: { server }, databaseUrl }: Cluster, cleanup: AsyncDisposableStack) {
  const proxy = await TcpProxy.start({ host: '127.0.0.1', port: server.port });
  cleanup.defer(() => proxy.stop());
  const { username, password } = new URL(server.url);
  const conninfo = `host=127.0.0.1 port=${proxy.port} user=${username} password=${password}`;
  const standby = await startStandby(server, {
    dataDir: `${server.dataDir}-standby`,
    settings: { primary_conninfo: conninfo },
    log: () => {},
  });
  cleanup.defer(() => standby.stop());
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`alter system set synchronous_standby_names = '*'`);
  await sql`select pg_reload_conf()`;
  await sql.end();
  return (ms: number) => proxy.set({ delayMs: ms / 2 });
}

/** Each thing that is to be new to a gateway is used once. */
interface People {
  readonly open: (where: 'far' | 'home') => Promise<{ readonly client: ActClient; readonly ms: number }>;
  readonly room: () => string;
  readonly other: string;
}

/** Rounds of `timeActs`, near and far, and the sends of many. */
async function peopleOf({ databaseUrl, sockets }: Cluster, plan: Plan, far: number): Promise<People> {
  const { times, many } = plan;
  const ofMany = many === undefined ? 0 : ROOMS;
  const users = 2 * (times + 2) * roundsOf(plan) + 2 + 2 * ofMany;
  const rooms = 2 * (times + RESUMES * RESUMED) * roundsOf(plan) + ofMany;
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const people = await populate(sql, { users, conversations: rooms, conversationsPerUser: rooms });
  await sql.end();
  const [left, free] = [people.users.slice(1), [...people.conversations]];
  return {
    open: (where) => {
      const socket = sockets.at(where === 'far' ? far : far - 1);
      return ActClient.open(`${socket}?token=${tokenFor(JWT_SECRET, people.tid, left.pop() ?? '')}`);
    },
    room: () => free.pop() ?? '',
    other: people.users[0] ?? '',
  };
}

/** One client far away, one at home. */
async function timeActs({ open, room, other }: People, times: number): Promise<Times> {
  const measured = new Map<ActId, number[]>();
  const note = (id: ActId, ms: number) => measured.set(id, [...(measured.get(id) ?? []), ms]);
  const [{ client: far }, { client: home }] = [await open('far'), await open('home')];
  for (let n = 0; n < times; n += 1) {
    const cid = room();
    const { client: later, ms } = await open('far');
    note('open', ms);
    note('join', await far.join(cid));
    note('joinHeld', await later.join(cid));
    if (n < RESUMES) note('resume', await far.resume(Array.from({ length: RESUMED }, room)));
    await home.join(cid);
    await rest();
    const { seq, ackMs, deliverMs } = await far.send(cid, home);
    note('ack', ackMs);
    note('deliver', deliverMs);
    note('history', await far.ask({ t: 'call', op: 'messages.list', args: { cid, limit: 50 } }));
    note('change', await far.ask({ t: 'react', cid, seq, emoji: '👍', on: true }));
    note('read', await far.ask({ t: 'read', cid, pos: seq }));
    note('typing', await far.type(cid, home));
    const args = { kind: 'private', name: 'far', participants: [other] };
    note('create', await far.ask({ t: 'call', op: 'conversations.create', args }));
    later.close();
  }
  far.close();
  home.close();
  return Object.fromEntries(measured) as unknown as Times;
}

const rest = () => new Promise((resolve) => void setTimeout(resolve, REST_MS));

/** Each room has one who sends, far away, and one who receives, at home. */
async function sendMany({ open, room }: People, plan: { rate: number; seconds: number }): Promise<Many> {
  const pairs: { cid: string; sender: ActClient; receiver: ActClient }[] = [];
  for (let n = 0; n < ROOMS; n += 1) {
    const pair = { cid: room(), sender: (await open('far')).client, receiver: (await open('home')).client };
    await Promise.all([pair.sender.join(pair.cid), pair.receiver.join(pair.cid)]);
    pairs.push(pair);
  }
  await rest();
  const [acks, receipts] = [new LatencyRecorder(), new LatencyRecorder()];
  const loop = openLoop(plan, (index) => {
    const pair = pairs[index % pairs.length];
    if (pair === undefined) return;
    void pair.sender.send(pair.cid, pair.receiver).then(({ ackMs, deliverMs }) => {
      acks.record(ackMs);
      receipts.record(deliverMs);
      loop.arrived(index);
    });
  });
  const { sent, missing } = await loop.result;
  if (missing > 0) throw new Error(`${missing} of ${sent} sends were not answered`);
  for (const { sender, receiver } of pairs) for (const client of [sender, receiver]) client.close();
  return { sent, ack: acks.summary(), deliver: receipts.summary() };
}

/**
 * Trips of the long line that an act took. The fastest of all tells it: whatever else the machine does only adds to an act, so that
 * the more are measured, the closer this comes.
 */
export function tripsOf({ near, far }: Pick<MeasuredLine, 'near' | 'far'>, id: ActId, distanceMs: number): number {
  return (Math.min(...far[id]) - Math.min(...near[id])) / distanceMs;
}
