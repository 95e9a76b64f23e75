import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type LabelValues,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client';
import { PROTOCOL_VERSION } from '@messagecore/protocol';
import manifest from '../package.json' with { type: 'json' };
import { within } from './within.ts';

/** A queue or a cache, measured in what it is bounded in: items, or bytes. */
export interface Bounded {
  readonly size: number;
  readonly max: number;
}

export interface Metrics {
  readonly registry: Registry<OpenMetricsContentType>;
  /** The format that `render` gives, for the answer's header. */
  readonly contentType: string;
  render(): Promise<string>;
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /**
   * `collect` is called before each scrape and may set the value then. When it fails, or takes too long, the gauge has no value: an old
   * one would hide the fault.
   */
  gauge<L extends string = never>(name: string, help: string, options?: GaugeOptions<L>): Gauge<L>;
  /** `buckets` in the unit that the name ends with. */
  histogram<L extends string = never>(name: string, help: string, options?: HistogramOptions<L>): Histogram<L>;
  /** A histogram that keeps an example of each bucket, so that a dashboard leads to one slow case (exemplars of OpenMetrics). */
  histogramWithExamples<L extends string = never>(
    name: string,
    help: string,
    options?: HistogramOptions<L>,
  ): HistogramWithExamples<L>;
  /** Has each scrape tell how full a queue is. */
  queue(name: string, queue: Bounded): void;
  /** The same of a cache. */
  cache(name: string, cache: Bounded): void;
  /** A gauge with the label `tenant`, of the tenants with the largest values alone: so many of them that a scrape stays small. */
  largestTenants(name: string, help: string, read: () => Iterable<readonly [tenant: string, value: number]>): void;
}

export interface HistogramWithExamples<L extends string> {
  /** `example` names the case, as by an id that logs have too; nothing of it is secret. */
  observe(labels: LabelValues<L>, value: number, example?: Readonly<Record<string, string>>): void;
}

export interface GaugeOptions<L extends string> {
  readonly labels?: readonly L[];
  readonly collect?: (gauge: Gauge<L>) => void | Promise<void>;
}

export interface HistogramOptions<L extends string> {
  readonly labels?: readonly L[];
  readonly buckets?: readonly number[];
}

/** Half a millisecond to 10 s: from a local commit to a client on a bad line. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A timer that fires so often wakes an idle process: with 10 ms, as the library has it, a hundred times a second. */
const LOOP_SAMPLE_MS = 50;

/** A scrape waits no longer for one gauge. */
const COLLECT_MS = 2_500;

/** Tenants that a gauge tells of at most, whatever their number. */
const TENANTS = 20;

/** A registry of its own with the process's metrics (memory, CPU, event-loop delay), each labelled with the service. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  const registers = [registry];
  tellVersions(registers);
  const bounded = (kind: 'queue' | 'cache') => boundedGauges(kind, registers);
  const queues = bounded('queue');
  const caches = bounded('cache');
  return {
    registry,
    contentType: registry.contentType,
    render: () => registry.metrics(),
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge<L extends string>(name: string, help: string, { labels = [], collect }: GaugeOptions<L> = {}) {
      return new Gauge<L>({
        name,
        help,
        labelNames: [...labels],
        registers,
        ...(collect && {
          collect() {
            return collectWithin(this, labels.length > 0, collect);
          },
        }),
      });
    },
    histogram: (name, help, { labels = [], buckets = SECONDS } = {}) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    histogramWithExamples<L extends string>(
      name: string,
      help: string,
      { labels = [], buckets = SECONDS }: HistogramOptions<L> = {},
    ): HistogramWithExamples<L> {
      const options = { name, help, labelNames: [...labels], buckets: [...buckets], registers };
      const histogram = new Histogram<L>({ ...options, enableExemplars: true });
      return {
        // The library's types say that an example has the labels of the metric, which it need not.
        observe: (labelled, value, example = {}) =>
          histogram.observe({ labels: labelled, value, exemplarLabels: example as LabelValues<L> }),
      };
    },
    queue: (name, queue) => void queues.set(name, queue),
    cache: (name, cache) => void caches.set(name, cache),
    largestTenants(name, help, read) {
      const gauge: Gauge<'tenant'> = new Gauge({
        ...{ name, help, labelNames: ['tenant'], registers },
        collect() {
          gauge.reset();
          for (const [tenant, value] of largest(read())) gauge.set({ tenant }, value);
        },
      });
    },
  };
}

/** All packages of a release have the same version. */
function tellVersions(registers: Registry<OpenMetricsContentType>[]): void {
  const help = 'Always 1; the labels say which release this is, and which version of the wire protocol it speaks';
  const gauge = new Gauge({ name: 'service_info', help, labelNames: ['version', 'protocol'], registers });
  gauge.set({ version: manifest.version, protocol: String(PROTOCOL_VERSION) }, 1);
}

async function collectWithin<L extends string>(
  gauge: Gauge<L>,
  hasLabels: boolean,
  collect: (gauge: Gauge<L>) => void | Promise<void>,
): Promise<void> {
  try {
    const collected = collect(gauge);
    if (collected !== undefined) await within(COLLECT_MS, collected);
  } catch {
    if (hasLabels) gauge.reset();
    else gauge.set(Number.NaN);
  }
}

/** `<kind>_size` and `<kind>_max_size`, with the name as label. */
function boundedGauges(kind: 'queue' | 'cache', registers: Registry<OpenMetricsContentType>[]): Map<string, Bounded> {
  const all = new Map<string, Bounded>();
  const add = (name: string, help: string, read: (of: Bounded) => number) => {
    const gauge: Gauge<'queue' | 'cache'> = new Gauge({
      ...{ name, help, labelNames: [kind], registers },
      collect() {
        for (const [of, it] of all) gauge.set({ [kind]: of }, read(it));
      },
    });
  };
  add(`${kind}_size`, `What a ${kind} holds: items, or bytes where its name says so`, ({ size }) => size);
  add(`${kind}_max_size`, `What a ${kind} may hold`, ({ max }) => max);
  return all;
}

/** The entries with the largest values, largest first. */
function largest(entries: Iterable<readonly [string, number]>): readonly (readonly [string, number])[] {
  return [...entries].sort(([, a], [, b]) => b - a).slice(0, TENANTS);
}
