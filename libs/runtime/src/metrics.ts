import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** The format that `render` gives, for the answer's header. */
  readonly contentType: string;
  render(): Promise<string>;
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** `collect` is called before each scrape and may set the value then. */
  gauge<L extends string = never>(name: string, help: string, options?: GaugeOptions<L>): Gauge<L>;
  /** `buckets` in the unit that the name ends with. */
  histogram<L extends string = never>(name: string, help: string, options?: HistogramOptions<L>): Histogram<L>;
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

/** A registry of its own with the process's metrics (memory, CPU, event-loop delay), each labelled with the service. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
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
            return collect(this);
          },
        }),
      });
    },
    histogram: (name, help, { labels = [], buckets = SECONDS } = {}) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
  };
}
