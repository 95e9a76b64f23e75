import { join } from 'node:path';
import postgres from 'postgres';
import { MeasuredProcess } from '../bench/processes/measured-process.ts';
import { figure } from '../bench/report/svg.ts';
import type { BenchContext } from '../bench/section.ts';
import { type Product, startProduct } from '../bench/stack/product.ts';
import { climb, type Step } from '../bench/measure/climb.ts';
import { bottleneckOf, percent } from './bottleneck.ts';
import { frameGraphsOf, type FlameGraph } from './flame/flame-graph.ts';
import type { LoadAnswers, LoadResult } from './load/plan.ts';
import { settle, type Shape } from './shape.ts';
import { type Use, Watch } from './watch.ts';

/** SLO-1: what a delivery may take, milliseconds. */
export const SLO_P99_MS = 800;

const SECONDS = { full: 6, quick: 1 };
const WARM_UP_SECONDS = { full: 4, quick: 0.5 };
const MAX_STEPS = { full: 16, quick: 2 };
/** Profiles are taken below the limit, where nothing waits. */
const PROFILED_SHARE = 0.8;

export interface Measured extends Step {
  readonly load: LoadResult;
  readonly use: Use;
  readonly bottleneck: string;
}

export interface Capacity {
  readonly shape: Shape;
  readonly steps: readonly Measured[];
  readonly flames: readonly FlameGraph[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Runs one shape on a product of its own and raises the rate until it breaks. */
export async function measureCapacity(
  context: BenchContext,
  shape: Shape,
  options: { readonly profile: boolean; readonly rate?: number | undefined },
): Promise<Capacity> {
  const size = context.quick ? 'quick' : 'full';
  const product = await startProduct(context);
  const load = await connect(context, shape, product);
  const sql = postgres(product.database.url, { max: 2, onnotice: () => {}, connection: { application_name: 'watch' } });
  context.cleanup.defer(() => sql.end());
  const watch = new Watch(product, load, sql);
  context.say('warming up');
  await load.ask('run', { rate: options.rate ?? shape.firstRate, seconds: WARM_UP_SECONDS[size] });
  const attempt = async (rate: number): Promise<Measured> => {
    const { result, use } = await watch.during(() => load.ask('run', { rate, seconds: SECONDS[size] }));
    const held = result.p99 <= SLO_P99_MS && result.missing === 0 && result.lost === 0 && result.refused === 0;
    const step = { rate, held, load: result, use, bottleneck: bottleneckOf(use) };
    context.say(lineOf(shape, step));
    return step;
  };
  const steps =
    options.rate === undefined ? await climb(shape.firstRate, attempt, MAX_STEPS[size]) : [await attempt(options.rate)];
  const best = Math.max(shape.firstRate, ...steps.filter(({ held }) => held).map(({ rate }) => rate));
  const flames = options.profile
    ? await profile(context, product, shape, () =>
        load.ask('run', { rate: Math.round(best * PROFILED_SHARE), seconds: SECONDS[size] }),
      )
    : [];
  return { shape, steps, flames, versions: product.versions };
}

async function connect(context: BenchContext, shape: Shape, product: Product): Promise<MeasuredProcess<LoadAnswers>> {
  const plan = await settle(shape, product);
  const load = new MeasuredProcess<LoadAnswers>('load generator', join(import.meta.dirname, 'load/load-process.ts'));
  context.cleanup.defer(() => load.stop());
  context.say(`connecting ${plan.receivers.length} receivers and ${plan.senders.length} senders`);
  await load.ask('connect', plan);
  return load;
}

async function profile(
  context: BenchContext,
  { chatService, gateways: [first, second] }: Product,
  { id }: Shape,
  work: () => Promise<unknown>,
): Promise<FlameGraph[]> {
  context.say('profiling');
  const done = work();
  const profiles = await Promise.all(
    [
      { name: `${id}-chat-service`, title: 'chat-service', process: chatService.process },
      { name: `${id}-gateway-in`, title: 'first gateway', process: first.process },
      { name: `${id}-gateway-out`, title: 'second gateway', process: second.process },
    ].map(async ({ name, title, process }) => ({ name, title, profile: await process.profile(() => done) })),
  );
  return profiles.map(frameGraphsOf);
}

function lineOf({ unit, perMessage }: Shape, { rate, held, load, use, bottleneck }: Measured): string {
  const cost = Object.entries(use.cpuUs).map(([part, us]) => `${part} ${figure(us / load.sent)}`);
  return [
    `${figure(rate * perMessage)} ${unit}: ${held ? 'held' : 'broke'}`,
    `p50 ${figure(load.p50)} ms, p99 ${figure(load.p99)} ms, max ${figure(load.max)} ms`,
    `us a message: ${cost.join(', ')}; machine ${percent(use.machine)}`,
    ...(load.lost + load.refused > 0 ? [`lost ${load.lost}, refused ${load.refused}`] : []),
    ...(held ? [] : [bottleneck]),
  ].join(' · ');
}
