/**
 * What a HorizontalPodAutoscaler decides at one evaluation: the rules of autoscaling/v2 as Kubernetes documents them
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/, "Algorithm details" and "Configurable scaling
 * behavior"). Where the page says less than the controller does (pkg/controller/podautoscaler), the controller is followed;
 * those places say so. KEDA makes such an autoscaler of each ScaledObject and answers for its metrics.
 */

/** How often the controller evaluates, by default, seconds: "How does a HorizontalPodAutoscaler work?". */
export const SYNC_SECONDS = 15;
/** A ratio this close to 1 changes nothing, by default: "Algorithm details". */
const TOLERANCE = 0.1;

export type Metric =
  /** Of a pod's request, percent, mean of the pods. */
  | { readonly kind: 'utilization'; readonly resource: 'cpu' | 'memory'; readonly target: number }
  /** A figure of the whole, divided by the pods: type External with an AverageValue, which is what KEDA makes. */
  | { readonly kind: 'total'; readonly query: string; readonly target: number };

export interface Policy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

export interface Rules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly Policy[];
}

/** What holds where an object says nothing: "Default Behavior". */
export const DEFAULT_RULES: Readonly<Record<'scaleUp' | 'scaleDown', Rules>> = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
};

export interface Autoscaler {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly Metric[];
  readonly scaleUp: Rules;
  readonly scaleDown: Rules;
}

export interface PodUsage {
  /** Percent of the request; left out when nothing is known of the pod. */
  readonly percent?: number;
  /** It is not ready yet, or was not for the whole time that its figure is about. */
  readonly initializing: boolean;
}

/** What is known of a metric: of each pod, or of the whole; undefined when it could not be read. */
export type Reading = readonly PodUsage[] | number | undefined;

/** What is remembered from one evaluation to the next. Times are seconds. */
export interface History {
  readonly recommendations: readonly { readonly at: number; readonly replicas: number }[];
  /** Replicas added, or removed when below zero. */
  readonly changes: readonly { readonly at: number; readonly by: number }[];
}

export const NO_HISTORY: History = { recommendations: [], changes: [] };

export interface Situation {
  readonly at: number;
  readonly replicas: number;
  /** One for each metric of the autoscaler. */
  readonly readings: readonly Reading[];
}

export interface Decision {
  readonly replicas: number;
  /** The metric that asks for the most. */
  readonly metric: Metric | undefined;
  readonly history: History;
}

/** One evaluation. */
export function evaluate(scaler: Autoscaler, history: History, { at, replicas, readings }: Situation): Decision {
  const wanted = highestOf(scaler.metrics, replicas, readings);
  const recommendations = [...history.recommendations, { at, replicas: wanted.replicas }].filter((one) =>
    isWithin(one, at, Math.max(scaler.scaleUp.stabilizationWindowSeconds, scaler.scaleDown.stabilizationWindowSeconds)),
  );
  const stable = stabilized(scaler, recommendations, at, replicas);
  const next = limited(scaler, history.changes, { at, replicas, wanted: stable });
  const periods = [...scaler.scaleUp.policies, ...scaler.scaleDown.policies].map(({ periodSeconds }) => periodSeconds);
  const changes = [...history.changes, ...(next === replicas ? [] : [{ at, by: next - replicas }])].filter((one) =>
    isWithin(one, at, Math.max(...periods)),
  );
  return { replicas: next, metric: wanted.metric, history: { recommendations, changes } };
}

const isWithin = (one: { readonly at: number }, now: number, seconds: number) =>
  one.at === now || one.at > now - seconds;

/**
 * "Scaling on multiple metrics": the highest of all proposals. A metric that cannot be read proposes nothing, and then nothing
 * is removed.
 */
function highestOf(metrics: readonly Metric[], replicas: number, readings: readonly Reading[]) {
  const proposals = metrics.map((metric, n) => ({ metric, replicas: proposalOf(metric, replicas, readings[n]) }));
  const known = proposals.flatMap(({ metric, replicas: own }) =>
    own === undefined ? [] : [{ metric, replicas: own }],
  );
  const [highest] = known.toSorted((a, b) => b.replicas - a.replicas);
  const isBlind = highest === undefined || (known.length < proposals.length && highest.replicas < replicas);
  return isBlind ? { metric: undefined, replicas } : highest;
}

function proposalOf(metric: Metric, replicas: number, reading: Reading): number | undefined {
  if (typeof reading === 'number') return byTotal(metric.target, replicas, reading);
  return reading === undefined ? undefined : byUtilization(metric.target, replicas, reading);
}

/** "Algorithm details" with a value divided by the pods: desired = ceil(total / target), unless the ratio is within the tolerance. */
function byTotal(target: number, replicas: number, total: number): number {
  return isClose(total / (target * replicas)) ? replicas : Math.ceil(total / target);
}

/**
 * "Algorithm details": desired = ceil(pods x mean / target). Pods that initialize are set aside, and count as idle when it goes
 * up; pods of which nothing is known count as idle when it goes up, and as busy when it goes down. If that turns the direction
 * or comes within the tolerance, nothing changes. Busy is the whole request, or the target where that is more (the controller;
 * the page says "100 % of the desired value").
 */
function byUtilization(target: number, replicas: number, pods: readonly PodUsage[]): number | undefined {
  const counted = pods.flatMap(({ percent, initializing }) => (percent === undefined || initializing ? [] : [percent]));
  if (counted.length === 0) return undefined;
  const ratio = mean(counted) / target;
  const missing = pods.filter(({ percent, initializing }) => percent === undefined && !initializing);
  const idle = ratio > 1 ? pods.filter(({ initializing }) => initializing) : [];
  if (missing.length === 0 && idle.length === 0) return isClose(ratio) ? replicas : Math.ceil(ratio * counted.length);
  const assumed = [...missing.map(() => (ratio < 1 ? Math.max(100, target) : 0)), ...idle.map(() => 0)];
  const all = [...counted, ...assumed];
  const cautious = mean(all) / target;
  const proposal = Math.ceil(cautious * all.length);
  const isTurned = (cautious - 1) * (ratio - 1) < 0 || (proposal - replicas) * (ratio - 1) < 0;
  return isClose(cautious) || isTurned ? replicas : proposal;
}

const isClose = (ratio: number) => Math.abs(1 - ratio) <= TOLERANCE + Number.EPSILON;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * "Stabilization window": going up, the lowest that was recommended within the window of scaleUp; going down, the highest within
 * that of scaleDown.
 */
function stabilized(
  scaler: Autoscaler,
  recommendations: History['recommendations'],
  at: number,
  replicas: number,
): number {
  const within = (rules: Rules) =>
    recommendations.filter((one) => isWithin(one, at, rules.stabilizationWindowSeconds)).map((one) => one.replicas);
  const atLeast = Math.min(...within(scaler.scaleUp));
  const atMost = Math.max(...within(scaler.scaleDown));
  return Math.min(Math.max(replicas, atLeast), atMost);
}

/** "Scaling policies", then the bounds of the object. */
function limited(
  scaler: Autoscaler,
  changes: History['changes'],
  { at, replicas, wanted }: { readonly at: number; readonly replicas: number; readonly wanted: number },
): number {
  const { minReplicas, maxReplicas, scaleUp, scaleDown } = scaler;
  if (wanted > replicas) {
    const allowed = Math.max(replicas, most(scaleUp, changesFrom(changes, at, replicas), 1) ?? replicas);
    return Math.min(wanted, allowed, maxReplicas);
  }
  if (wanted === replicas) return Math.min(Math.max(replicas, minReplicas), maxReplicas);
  const allowed = Math.min(replicas, most(scaleDown, changesFrom(changes, at, replicas), -1) ?? replicas);
  return Math.max(wanted, allowed, minReplicas);
}

/** How many there were so many seconds ago, by what was changed since. */
const changesFrom = (changes: History['changes'], at: number, replicas: number) => (seconds: number) =>
  changes.filter((one) => isWithin(one, at, seconds)).reduce((before, { by }) => before - by, replicas);

/**
 * The farthest that the policies allow in one direction; `selectPolicy` says whether the one with the most or with the least
 * change holds. A share of pods is rounded to more change: up, so that one pod may become two; down, as the page's example of
 * 7.2 pods, which are 8.
 */
function most(rules: Rules, before: (seconds: number) => number, direction: 1 | -1): number | undefined {
  if (rules.selectPolicy === 'Disabled') return undefined;
  const limits = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = before(periodSeconds);
    const change = type === 'Pods' ? value : Math.ceil((start * value) / 100);
    return start + direction * change;
  });
  const isFarthest = rules.selectPolicy === 'Max';
  return (direction === 1) === isFarthest ? Math.max(...limits) : Math.min(...limits);
}
