import { figure } from '../report/svg.ts';
import type { Row, Section, SectionResult } from '../section.ts';
import { cpuPerMessage, type ProductCpu, productCpu } from '../stack/cpu.ts';
import { startProduct } from '../stack/product.ts';
import type { OpenLoopResult } from './open-loop.ts';
import { PAIRS, startWayLoad } from './way-load.ts';

const RATES = { full: [100, 1_000, 5_000], quick: [100, 300] };
const SECONDS = { full: 10, quick: 1 };
const WARM_UP = { full: { rate: 1_000, seconds: 8 }, quick: { rate: 100, seconds: 0.5 } };
/** Where the requirements name figures. */
const GOAL = { rate: 1_000, p50: 5, p99: 50 };

interface Measured {
  readonly rate: number;
  readonly ours: OpenLoopResult;
  readonly bare: OpenLoopResult;
  /** CPU time for each message, microseconds. */
  readonly cpu: ProductCpu;
}

export const waySection: Section = {
  id: 'way',
  title: 'Whole way: from send at one gateway to receipt at another',
  run: async (context) => {
    const product = await startProduct(context);
    const load = await startWayLoad(context, product);
    context.say('warming up');
    await load.ask('run', context.quick ? WARM_UP.quick : WARM_UP.full);
    const results: Measured[] = [];
    const seconds = context.quick ? SECONDS.quick : SECONDS.full;
    for (const rate of context.quick ? RATES.quick : RATES.full) {
      const before = await productCpu(product);
      const ours = await load.ask('run', { rate, seconds });
      const cpu = cpuPerMessage(before, await productCpu(product), ours.sent);
      const bare = await load.ask('bare', { rate, seconds: seconds / 2, natsUrl: product.nats.url });
      context.say(`${rate} msg/s: p50 ${figure(ours.p50)} ms, p99 ${figure(ours.p99)} ms, CPU ${cpuOf(cpu)}`);
      results.push({ rate, ours, bare, cpu });
    }
    return { ...present(results), versions: product.versions };
  },
};

function cpuOf({ gateways, chatService, postgres: database, nats }: ProductCpu): string {
  return `${[gateways, chatService, database, nats].map(figure).join(' + ')} us`;
}

function lateRow({ missing, sent }: OpenLoopResult): Row {
  const ours = `${missing.toLocaleString('en')} of ${sent.toLocaleString('en')}`;
  return { what: '  not there in time', ours, theirs: '', ratio: '', goal: { text: 'none', met: false } };
}

function present(results: readonly Measured[]): SectionResult {
  const rows = results.flatMap(({ rate, ours, bare, cpu }): Row[] => {
    const goal = (name: 'p50' | 'p99') =>
      rate === GOAL.rate ? { goal: { text: `<= ${GOAL[name]} ms`, met: ours[name] <= GOAL[name] } } : {};
    const row = (name: 'p50' | 'p99') => ({
      what: `${rate.toLocaleString('en')} msg/s, ${name}`,
      ours: `${figure(ours[name])} ms`,
      theirs: `bare NATS ${figure(bare[name])} ms`,
      ratio: `${figure(ours[name] / bare[name])} x`,
      ...goal(name),
    });
    return [
      row('p50'),
      row('p99'),
      { what: '  CPU a message: gateways, chat-service, PostgreSQL, NATS', ours: cpuOf(cpu), theirs: '', ratio: '' },
      ...(ours.missing === 0 ? [] : [lateRow(ours)]),
    ];
  });
  const points = (result: OpenLoopResult) =>
    [result.p50, result.p90, result.p99, result.p999, result.max].map((ms, index) => [index, ms] as const);
  return {
    rows,
    charts: [
      {
        kind: 'lines',
        name: 'bench-way',
        title: 'Delay from send to receipt',
        xTitle: 'share of messages',
        yTitle: 'ms',
        yScale: 'log',
        xMarks: ['50 %', '90 %', '99 %', '99.9 %', 'all'],
        series: results.flatMap(({ rate, ours, bare }) => [
          { name: `${rate.toLocaleString('en')}/s`, points: points(ours) },
          { name: `NATS ${rate.toLocaleString('en')}/s`, points: points(bare) },
        ]),
      },
    ],
    notes: [
      `${PAIRS} conversations; in each one user sends at one gateway and another has joined at a second gateway; one chat-service; everything on this machine, the load generator too. A message counts as delivered only by way of PostgreSQL with fsync.`,
      'The load is open: messages are due at even intervals whatever happens, and delay counts from when a message was due. The bare figures are a core NATS publish and subscribe of the same size and rate from the same process right afterwards.',
    ],
  };
}
