import postgres from 'postgres';
import { climb, highest } from '../measure/climb.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Section, SectionResult } from '../section.ts';
import { populate } from '../stack/population.ts';
import type { Stack } from '../stack/product.ts';
import { Crowd, isHeld } from './crowd.ts';
import { checkSlowerSync, commitTime, type Disk, slowerSync, syncTime } from './disk.ts';
import { type Figures, measureIdle, measureLoad, middle } from './figures.ts';
import { populationOf, type Shape, shapesOf } from './loads.ts';
import { BOUND_MS } from './plan.ts';
import { type Highest, presentHighest } from './present-highest.ts';
import { type Measured, presentLoads } from './present-loads.ts';
import { SIDES, type SideId, type Started, startSides } from './sides.ts';

const ROUNDS = { full: 3, quick: 1 };
const SECONDS = { full: 3, quick: 0.3 };
/** Work behind the last answer that is counted too. */
const TAIL_MS = { full: 1_000, quick: 100 };
const IDLE_SECONDS = { full: 2, quick: 0.1 };
/** Long enough that what is measured first is no slower for being first. */
const WARM_UP = { full: { rate: 2_000, seconds: 8 }, quick: { rate: 100, seconds: 0.2 } };
/** Of a step towards the highest rate, and how many there are at most. */
const STEP_SECONDS = { full: 3, quick: 0.5 };
const STEPS = { full: 12, quick: 2 };
/** How often the disk is asked. */
const SYNCS = { full: 500, quick: 20 };

export const ordinarySection: Section = {
  id: 'ordinary',
  title: `Ordinary loads, held when 98 % are delivered within ${BOUND_MS} ms: one chat-service, one gateway, on disk before the acknowledgement`,
  run: async (context) => {
    const delayMs = context.ordinary?.fdatasyncDelayMs ?? 0;
    const started = await startSides(context, delayMs === 0 ? {} : slowerSync(delayMs, context.workDir));
    const disk = await examineDisk(started.stack, SYNCS[sizeOf(context)], delayMs);
    context.say(`fdatasync p50 ${figure(disk.sync.p50)} ms, a commit alone p50 ${figure(disk.commit.p50)} ms`);
    const measure = context.ordinary?.highest ? measureHighest : measureLoads;
    return { ...(await measure(context, started, disk)), versions: started.stack.versions };
  },
};

const sizeOf = ({ quick }: BenchContext) => (quick ? 'quick' : 'full');

/** @throws Error when fdatasync is not delayed though it should be. */
async function examineDisk({ database: { server } }: Stack, times: number, delayMs: number): Promise<Disk> {
  if (delayMs > 0) await checkSlowerSync(server);
  return { sync: syncTime(server.dataDir, times), commit: await commitTime(server.url, times), delayMs };
}

async function measureLoads(context: BenchContext, started: Started, disk: Disk): Promise<SectionResult> {
  const rounds = context.ordinary?.rounds ?? ROUNDS[sizeOf(context)];
  const measured: Measured[] = [];
  for (const shape of shapesOf(context.quick)) {
    const crowds = await gather(context, started, shape);
    measured.push(await measureShape(context, shape, crowds, rounds));
    for (const side of SIDES) await crowds[side].leave();
  }
  return presentLoads(measured, disk, rounds);
}

type Crowds = Readonly<Record<SideId, Crowd>>;

/** Connects everybody of a shape to all sides and warms these up. */
async function gather(context: BenchContext, { sides, stack }: Started, shape: Shape): Promise<Crowds> {
  const sql = postgres(stack.database.url, { max: 1, onnotice: () => {} });
  const people = await populate(sql, populationOf(shape));
  await sql.end();
  context.say(`${shape.label}: connecting ${people.users.length} users to each side, warming up`);
  const join = async (side: SideId) => {
    const crowd = await Crowd.join(sides[side], shape, people);
    const { rate, seconds } = WARM_UP[sizeOf(context)];
    await crowd.run({ rate: Math.min(rate, Math.max(...shape.rates)), seconds });
    await crowd.drain();
    return crowd;
  };
  return { ours: await join('ours'), plain: await join('plain'), bare: await join('bare') };
}

/** A rate that comes to less than this in time is hopeless for a side, and is not tried again in later rounds. */
const HOPELESS = 0.5;

/** All rates on all sides in turn, round after round. */
async function measureShape(context: BenchContext, shape: Shape, crowds: Crowds, rounds: number): Promise<Measured> {
  const size = sizeOf(context);
  const seconds = SECONDS[size];
  const idle = {
    ours: await measureIdle(crowds.ours, IDLE_SECONDS[size]),
    plain: await measureIdle(crowds.plain, IDLE_SECONDS[size]),
  };
  const samples = new Map<string, Figures[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const rate of shape.rates) {
      for (const side of round % 2 === 0 ? SIDES.toReversed() : SIDES) {
        const key = `${rate} ${side}`;
        if (samples.get(key)?.some(({ inTime }) => inTime < HOPELESS)) continue;
        const figures = await measureLoad(crowds[side], { rate, seconds }, TAIL_MS[size]);
        const left = await crowds[side].drain();
        context.say(lineOf(`round ${round} of ${rounds}, ${shape.label}, ${rate} msg/s, ${side}`, figures, left));
        samples.set(key, [...(samples.get(key) ?? []), figures]);
      }
    }
  }
  const of = (rate: number, side: SideId) => middle(samples.get(`${rate} ${side}`) ?? []);
  const loads = shape.rates.map((rate) => ({
    rate,
    ours: of(rate, 'ours'),
    plain: of(rate, 'plain'),
    bare: of(rate, 'bare'),
  }));
  return { shape, idle, loads };
}

function lineOf(what: string, { delivery, costs, inTime, putOff }: Figures, left: number): string {
  const held = isHeld({ inTime }) ? '' : `, not held, ${figure(putOff)} put off a message, ${left} not worked off`;
  return `${what}: ${figure(costs.cpuMs)} ms of CPU, p50 ${figure(delivery.p50)} ms, p99 ${figure(delivery.p99)} ms${held}`;
}

/** Raises the rate until it does not hold, each side by itself. */
async function measureHighest(context: BenchContext, started: Started, disk: Disk): Promise<SectionResult> {
  const size = sizeOf(context);
  const found: Highest[] = [];
  for (const shape of shapesOf(context.quick)) {
    const crowds = await gather(context, started, shape);
    const of = async (side: SideId) => {
      const attempt = async (rate: number) => {
        const { inTime, delivery } = await crowds[side].run({ rate, seconds: STEP_SECONDS[size] });
        await crowds[side].drain();
        const held = isHeld({ inTime }) && delivery.p99 <= BOUND_MS;
        context.say(
          `${shape.label}, ${side}, ${rate} msg/s: p99 ${figure(delivery.p99)} ms${held ? '' : ', not held'}`,
        );
        return { rate, held };
      };
      const steps = await climb(shape.rates[Math.floor(shape.rates.length / 2)] ?? 1, attempt, STEPS[size]);
      return highest(steps)?.rate ?? 0;
    };
    found.push({ shape, ours: await of('ours'), plain: await of('plain') });
    for (const side of SIDES) await crowds[side].leave();
  }
  return presentHighest(found, disk);
}
