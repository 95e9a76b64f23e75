/** Autoscalers and pods as the rendered objects of deploy/k8s have them, so that a simulated day is one of what is deployed. */
import type { KubeObject, Labels } from '../../../deploy/k8s/render.ts';
import { ofKind, workloadsOf } from '../../support/kubernetes/objects.ts';
import { amountOf } from '../../support/kubernetes/quantity.ts';
import { type Autoscaler, DEFAULT_RULES, type Metric, type Rules } from './autoscaler.ts';

/** What a pod asks for, and how long it takes to go. */
export interface DeployedPod {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly memoryLimit: number;
  /** It goes on for so long after it is told to stop. */
  readonly preStopSeconds: number;
}

export interface Deployed {
  readonly autoscaler: Autoscaler;
  readonly pod: DeployedPod;
}

/** @throws Error when the objects have no such Deployment or autoscaler, or one that the simulation does not know. */
export function deployedOf(objects: readonly KubeObject[], name: string): Deployed {
  return { autoscaler: autoscalerOf(objects, name), pod: podOf(objects, name) };
}

/** Over how long a gateway that is told to stop sends its sessions away, seconds. */
export function drainSecondsOf(objects: readonly KubeObject[]): number {
  const settings = ofKind(objects, 'ConfigMap').find(({ data }) => data?.['DRAIN_GRACE_MS'] !== undefined);
  if (settings === undefined) throw new Error('no settings name DRAIN_GRACE_MS');
  return Number(settings.data?.['DRAIN_GRACE_MS']) / 1_000;
}

function podOf(objects: readonly KubeObject[], name: string): DeployedPod {
  const workload = workloadsOf(objects).find((one) => one.name === name);
  const [container] = workload?.pod.containers ?? [];
  if (container === undefined) throw new Error(`there is no Deployment ${name}`);
  const { requests, limits } = container.resources;
  return {
    cpu: amountOf(requests['cpu'] ?? ''),
    memory: amountOf(requests['memory'] ?? ''),
    memoryLimit: amountOf(limits['memory'] ?? ''),
    preStopSeconds: container.lifecycle?.preStop?.sleep?.seconds ?? 0,
  };
}

type Behavior = Readonly<Partial<Record<'scaleUp' | 'scaleDown', Partial<Rules>>>>;

interface HorizontalPodAutoscalerSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly {
    readonly type: string;
    readonly resource?: {
      readonly name: string;
      readonly target: { readonly type: string; readonly averageUtilization?: number };
    };
  }[];
  readonly behavior?: Behavior;
}

interface ScaledObjectSpec {
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
  readonly triggers: readonly { readonly type: string; readonly metricType?: string; readonly metadata: Labels }[];
  readonly advanced?: { readonly horizontalPodAutoscalerConfig?: { readonly behavior?: Behavior } };
}

function autoscalerOf(objects: readonly KubeObject[], name: string): Autoscaler {
  const found = objects.find(
    ({ kind, metadata }) => (kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject') && metadata.name === name,
  );
  if (found?.kind === 'HorizontalPodAutoscaler')
    return ofAutoscaler(found.spec as unknown as HorizontalPodAutoscalerSpec);
  if (found?.kind === 'ScaledObject') return ofScaledObject(found.spec as unknown as ScaledObjectSpec);
  throw new Error(`nothing scales ${name}`);
}

function ofAutoscaler({ minReplicas, maxReplicas, metrics, behavior }: HorizontalPodAutoscalerSpec): Autoscaler {
  const read = metrics.map(({ type, resource }) => {
    const { averageUtilization } = resource?.target ?? {};
    if (type !== 'Resource' || averageUtilization === undefined) throw new Error(`unknown metric of the type ${type}`);
    return utilization(resource?.name, averageUtilization);
  });
  return { minReplicas, maxReplicas, metrics: read, ...rulesOf(behavior) };
}

function ofScaledObject({ minReplicaCount, maxReplicaCount, triggers, advanced }: ScaledObjectSpec): Autoscaler {
  const metrics = triggers.map(({ type, metricType = 'AverageValue', metadata }): Metric => {
    if (metricType === 'Utilization') return utilization(type, Number(metadata['value']));
    const { query, threshold } = metadata;
    if (type !== 'prometheus' || query === undefined) throw new Error(`unknown trigger ${type}`);
    return { kind: 'total', query, target: Number(threshold) };
  });
  const rules = rulesOf(advanced?.horizontalPodAutoscalerConfig?.behavior);
  return { minReplicas: minReplicaCount, maxReplicas: maxReplicaCount, metrics, ...rules };
}

function utilization(resource: string | undefined, target: number): Metric {
  if (resource !== 'cpu' && resource !== 'memory') throw new Error(`unknown resource ${resource}`);
  return { kind: 'utilization', resource, target };
}

const rulesOf = (behavior: Behavior = {}) => ({
  scaleUp: { ...DEFAULT_RULES.scaleUp, ...behavior.scaleUp },
  scaleDown: { ...DEFAULT_RULES.scaleDown, ...behavior.scaleDown },
});
