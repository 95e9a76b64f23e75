import { type Autoscaler, evaluate, type History, type Metric, NO_HISTORY, type Reading } from './autoscaler.ts';
import type { Deployed } from './deployed.ts';
import type { Pod, Pods } from './pods.ts';

/** What one pod uses: cores, bytes. */
export interface Usage {
  readonly cpu: number;
  readonly memory: number;
}

/** One size that was changed. */
export interface Change {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly metric: string;
}

interface Sample {
  readonly at: number;
  readonly of: ReadonlyMap<number, Usage>;
  readonly connections: number;
}

/** How long after its start a pod's first CPU figures are doubted: --horizontal-pod-autoscaler-cpu-initialization-period. */
const INITIAL_SECONDS = 300;

/**
 * A Deployment with its autoscaler. Figures of pods are means since the last evaluation, and each evaluation has those of the
 * one before: metrics-server and Prometheus ask every 15 s, so this is the longest that they can be old.
 */
export class Scaled {
  readonly pods: Pods;
  readonly changes: Change[] = [];
  readonly #autoscaler: Autoscaler;
  readonly #deployed: Deployed;
  readonly #busy = new Map<number, number>();
  #history: History = NO_HISTORY;
  #sample: Sample = { at: -Infinity, of: new Map(), connections: 0 };

  constructor(deployed: Deployed, pods: Pods) {
    this.#deployed = deployed;
    this.#autoscaler = deployed.autoscaler;
    this.pods = pods;
  }

  /** A pod had so many cores busy for so long. */
  worked(pod: Pod, cores: number, seconds: number): void {
    this.#busy.set(pod.id, (this.#busy.get(pod.id) ?? 0) + cores * seconds);
  }

  /** One evaluation, and a new sample for the next; `memory` says what a pod has, bytes. */
  evaluate(at: number, seconds: number, memory: (pod: Pod) => number): void {
    const replicas = this.pods.replicas.length;
    const readings = this.#autoscaler.metrics.map((metric) => this.#read(metric));
    const decision = evaluate(this.#autoscaler, this.#history, { at, replicas, readings });
    this.#history = decision.history;
    if (decision.replicas !== replicas) {
      this.changes.push({ at, from: replicas, to: decision.replicas, metric: nameOf(decision.metric) });
      this.pods.scaleTo(decision.replicas, at);
    }
    const of = this.pods.running.map(
      (pod) => [pod.id, { cpu: (this.#busy.get(pod.id) ?? 0) / seconds, memory: memory(pod) }] as const,
    );
    this.#sample = { at, of: new Map(of), connections: this.pods.connections };
    this.#busy.clear();
  }

  #read(metric: Metric): Reading {
    if (this.#sample.at === -Infinity) return undefined;
    if (metric.kind === 'total') return this.#sample.connections;
    const request = this.#deployed.pod[metric.resource];
    return this.pods.replicas.map((pod) => {
      const used = this.#sample.of.get(pod.id)?.[metric.resource];
      const initializing = pod.phase === 'starting' || (metric.resource === 'cpu' && this.#isFresh(pod));
      return used === undefined || pod.phase === 'lost'
        ? { initializing }
        : { percent: (100 * used) / request, initializing };
    });
  }

  /** Its figure is from a time when it was not ready yet, at least in part. */
  #isFresh({ createdAt, readyAt }: Pod): boolean {
    const { at } = this.#sample;
    return at < createdAt + INITIAL_SECONDS && at < readyAt + SAMPLE_SECONDS;
  }
}

/** Over how long metrics-server takes the mean, by its own manifest (--metric-resolution). */
const SAMPLE_SECONDS = 15;

/** A metric in a word, for tables. */
function nameOf(metric: Metric | undefined): string {
  if (metric === undefined) return 'nothing';
  return metric.kind === 'utilization' ? metric.resource : (/\((\w+)/.exec(metric.query)?.[1] ?? metric.query);
}
