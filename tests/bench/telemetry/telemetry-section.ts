import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OtlpReceiver } from '@messagecore/testkit';
import { median } from '../measure/median.ts';
import { figure } from '../report/svg.ts';
import type { BenchContext, Row, Section, SectionResult } from '../section.ts';
import { cpuPerMessage, productCpu } from '../stack/cpu.ts';
import { type Product, type Settings, startProduct } from '../stack/product.ts';
import type { OpenLoopResult } from '../way/open-loop.ts';
import { PAIRS, startWayLoad, type WayLoad } from '../way/way-load.ts';
import { Scraper } from './scraper.ts';

const RATE = { full: 1_000, quick: 100 };
const SECONDS = { full: 10, quick: 1 };
const WARM_UP_SECONDS = { full: 8, quick: 0.5 };
/** Pairs of rounds, with and without. */
const ROUNDS = { full: 15, quick: 1 };
const GOAL = 1.03;

const SILENT: Settings = { LOG_LEVEL: 'silent', LOG_SUCCESS_RATIO: '0' };
const watched = (endpoint: string): Settings => ({ LOG_LEVEL: 'info', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });

interface Side {
  readonly product: Product;
  readonly load: WayLoad;
  /** What is done to it while it is measured. */
  readonly scraper?: Scraper;
}

interface Round {
  /** Of all processes but Redis, microseconds a message. */
  readonly cpuUs: number;
  readonly delay: OpenLoopResult;
}

export const telemetrySection: Section = {
  id: 'telemetry',
  title: 'What metrics, traces and logs cost',
  run: async (context) => {
    const size = context.quick ? 'quick' : 'full';
    const receiver = await OtlpReceiver.start();
    context.cleanup.defer(() => receiver.stop());
    const without = await startSide(context, 'without', SILENT);
    const watchedSide = await startSide(context, 'with', watched(receiver.endpoint));
    const withAll = { ...watchedSide, scraper: new Scraper(watchedSide.product) };
    for (const { load } of [without, withAll])
      await load.ask('run', { rate: RATE[size], seconds: WARM_UP_SECONDS[size] });
    const pairs: { readonly without: Round; readonly withAll: Round }[] = [];
    for (let round = 0; round < ROUNDS[size]; round += 1) {
      // Whoever goes first has the colder caches.
      const isFirst = round % 2 === 0;
      const first = await measure(isFirst ? without : withAll, size);
      const second = await measure(isFirst ? withAll : without, size);
      pairs.push(isFirst ? { without: first, withAll: second } : { without: second, withAll: first });
      context.say(`CPU a message ${pairs.map(({ without: a, withAll: b }) => figure(b.cpuUs / a.cpuUs)).join(', ')} x`);
    }
    return { ...present(pairs, receiver.spans.length, size), versions: without.product.versions };
  },
};

async function startSide(context: BenchContext, folder: string, settings: Settings): Promise<Side> {
  const workDir = join(context.workDir, folder);
  await mkdir(workDir);
  const product = await startProduct({ ...context, workDir }, { settings });
  return { product, load: await startWayLoad(context, product) };
}

async function measure({ product, load, scraper }: Side, size: 'full' | 'quick'): Promise<Round> {
  scraper?.start();
  const before = await productCpu(product);
  const delay = await load.ask('run', { rate: RATE[size], seconds: SECONDS[size] });
  const { gateways, chatService, postgres, nats } = cpuPerMessage(before, await productCpu(product), delay.sent);
  await scraper?.stop();
  return { cpuUs: gateways + chatService + postgres + nats, delay };
}

function present(
  pairs: readonly { readonly without: Round; readonly withAll: Round }[],
  spans: number,
  size: 'full' | 'quick',
): SectionResult {
  const of = (side: 'without' | 'withAll', value: (round: Round) => number) =>
    median(pairs.map((pair) => value(pair[side])));
  const ratios = pairs.map(({ without, withAll }) => withAll.cpuUs / without.cpuUs);
  const ratio = median(ratios);
  const delay = (name: 'p50' | 'p99'): Row => {
    const [ours, theirs] = [of('withAll', (round) => round.delay[name]), of('without', (round) => round.delay[name])];
    return {
      what: `  delivery ${name}`,
      ours: `${figure(ours)} ms`,
      theirs: `without ${figure(theirs)} ms`,
      ratio: `${figure(ours / theirs)} x`,
    };
  };
  const rows: Row[] = [
    {
      what: `${RATE[size].toLocaleString('en')} msg/s: CPU a message, with all three`,
      ours: `${figure(of('withAll', ({ cpuUs }) => cpuUs))} us`,
      theirs: `without ${figure(of('without', ({ cpuUs }) => cpuUs))} us`,
      ratio: `${ratio.toFixed(3)} x (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
      goal: { text: `<= ${GOAL} x`, met: ratio <= GOAL },
    },
    delay('p50'),
    delay('p99'),
  ];
  return {
    rows,
    charts: [],
    notes: [
      `Two installations of one chat-service and two gateways, ${PAIRS} conversations each, of which one is under load at a time; ${pairs.length} pairs of rounds in changing order, the ratio is the median of the pairs'. With: logs of level \`info\` and one success in a hundred, traces of one send in a hundred to a receiver of OTLP in another process (${spans.toLocaleString('en')} spans came), metrics scraped from every service at the beginning of each round, which is more often than every ${Scraper.everyMs / 1_000} s. Without: none of it; metrics are counted all the same.`,
    ],
  };
}
