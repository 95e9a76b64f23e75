/** The same day in several installations of what deploy/k8s has. */
import { join } from 'node:path';
import { K8S, type KubeObject, render, renderWith } from '../../../deploy/k8s/render.ts';
import { type Day, simulateDay, START_SECONDS } from './simulate-day.ts';

const SEED = 1;
/** A machine has to be started first: an assumption. */
const MACHINE_SECONDS = 150;

export interface Variant {
  readonly title: string;
  readonly day: Day;
}

/** As it is deployed, in the installation that overlays/production is copied for. Needs kustomize, as the others do. */
export function productionDay(): Day {
  return simulateDay(production(), { choice: 'in turn', startSeconds: START_SECONDS, seed: SEED });
}

/** As it is deployed, without KEDA. */
export function plainDay(): Day {
  return simulateDay(renderWith([]), { choice: 'in turn', startSeconds: START_SECONDS, seed: SEED });
}

/** With other ways to choose gateways, slower machines, and fewer signals. */
export function otherVariants(): Variant[] {
  const common = { startSeconds: START_SECONDS, seed: SEED };
  return [
    {
      title: 'KEDA; the gateway with the fewest is chosen (Envoy)',
      day: simulateDay(production(), { ...common, choice: 'fewest first' }),
    },
    {
      title: `KEDA; a new gateway waits ${MACHINE_SECONDS} s for its machine`,
      day: simulateDay(production(), { ...common, choice: 'in turn', startSeconds: MACHINE_SECONDS }),
    },
    {
      title: 'without KEDA, were it by CPU alone',
      day: simulateDay(byCpuAlone(renderWith([])), { ...common, choice: 'in turn' }),
    },
  ];
}

const production = () => render(join(K8S, 'overlays/production'));

interface Metrics {
  readonly metrics?: readonly { readonly resource?: { readonly name: string } }[];
}

function byCpuAlone(objects: readonly KubeObject[]): KubeObject[] {
  return objects.map((object) => {
    const { metrics } = (object.spec ?? {}) as Metrics;
    if (object.kind !== 'HorizontalPodAutoscaler' || metrics === undefined) return object;
    return { ...object, spec: { ...object.spec, metrics: metrics.filter(({ resource }) => resource?.name === 'cpu') } };
  });
}
