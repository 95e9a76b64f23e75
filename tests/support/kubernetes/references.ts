/** Whether names that objects have for one another lead somewhere: the API server takes objects whose names lead nowhere. */
import type { KubeObject, Labels } from '../../../deploy/k8s/render.ts';
import { matches, ofKind, type Selector, type Workload, workloadsOf } from './objects.ts';

interface Scaled {
  readonly scaleTargetRef: { readonly kind?: string; readonly name: string };
}
interface PortOfService {
  readonly name: string;
  readonly port: number;
  readonly targetPort: string;
}
interface ServiceSpec {
  readonly selector: Labels;
  readonly ports: readonly PortOfService[];
}

/** What leads nowhere, a line each. */
export function danglingIn(objects: readonly KubeObject[]): string[] {
  const workloads = workloadsOf(objects);
  return [
    ...workloads.flatMap((workload) => [...ofWorkload(workload), ...ofPod(workload, objects)]),
    ...ofKind(objects, 'Service').flatMap((service) => ofService(service, workloads)),
    ...ofKind(objects, 'Ingress').flatMap((ingress) => ofRoutes(ingress, objects)),
    ...ofKind(objects, 'HTTPRoute').flatMap((route) => ofRoutes(route, objects)),
    ...['PodDisruptionBudget', 'PodMonitor', 'NetworkPolicy'].flatMap((kind) =>
      ofKind(objects, kind).flatMap((object) => ofSelector(object, workloads)),
    ),
    ...['HorizontalPodAutoscaler', 'ScaledObject'].flatMap((kind) =>
      ofKind(objects, kind).flatMap((object) => ofScaler(object, workloads)),
    ),
    ...scaledTwice(objects),
  ];
}

const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`;
const has = (objects: readonly KubeObject[], kind: string, name: string) =>
  ofKind(objects, kind).some(({ metadata }) => metadata.name === name);

function ofWorkload({ object, labels, pod }: Workload): string[] {
  const { selector } = object.spec as { selector?: Selector };
  const spreads = (pod.topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector);
  return [...(selector === undefined ? [] : [selector]), ...spreads]
    .filter((it) => !matches(it, labels))
    .map((it) => `${nameOf(object)}: ${JSON.stringify(it)} does not match its own pods`);
}

/** Names in a pod: volumes, settings, ports of probes, its service account. Secrets are made by others. */
function ofPod({ object, pod }: Workload, objects: readonly KubeObject[]): string[] {
  const { containers, volumes = [], serviceAccountName } = pod;
  const used = containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
  const claims = (object.spec as { volumeClaimTemplates?: KubeObject[] }).volumeClaimTemplates ?? [];
  const given = [...volumes.map(({ name }) => name), ...claims.map(({ metadata }) => metadata.name)];
  const configMaps = [
    ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef.name)),
    ...volumes.flatMap(({ configMap }) => configMap?.name ?? []),
  ];
  const ports = containers.flatMap(({ ports: own = [], startupProbe, livenessProbe, readinessProbe }) =>
    [startupProbe, livenessProbe, readinessProbe]
      .flatMap((probe) => (probe?.httpGet ?? probe?.tcpSocket)?.port ?? [])
      .filter((port) => !own.some(({ name }) => name === port)),
  );
  return [
    ...used.filter((name) => !given.includes(name)).map((name) => `no volume ${name}`),
    ...given.filter((name) => !used.includes(name)).map((name) => `volume ${name} is not mounted`),
    ...configMaps.filter((name) => !has(objects, 'ConfigMap', name)).map((name) => `no settings ${name}`),
    ...ports.map((port) => `no port ${port}`),
    ...[serviceAccountName ?? []]
      .flat()
      .flatMap((name) => (has(objects, 'ServiceAccount', name) ? [] : [`no ${name}`])),
  ].map((problem) => `${nameOf(object)}: ${problem}`);
}

function ofService(service: KubeObject, workloads: readonly Workload[]): string[] {
  const { selector, ports } = service.spec as unknown as ServiceSpec;
  const chosen = workloads.filter(({ labels }) => matches({ matchLabels: selector }, labels));
  if (chosen.length !== 1) return [`${nameOf(service)}: chooses ${chosen.map(({ name }) => name).join() || 'nothing'}`];
  const open = chosen[0]!.pod.containers.flatMap(({ ports: own = [] }) => own);
  return ports
    .filter(({ port, targetPort }) => !open.some((it) => it.name === targetPort && it.containerPort === port))
    .map(({ name }) => `${nameOf(service)}: its port ${name} leads to none of ${chosen[0]!.name}`);
}

/** Where an ingress or a route leads to: `[service, port]`. */
function ofRoutes(route: KubeObject, objects: readonly KubeObject[]): string[] {
  const backends = [...JSON.stringify(route.spec).matchAll(/"name":"([\w-]+)","port":(?:\{"name":"(\w+)"\}|(\d+))/g)];
  if (backends.length === 0) return [`${nameOf(route)}: leads nowhere`];
  return backends.flatMap(([, name, portName, port]) => {
    const { ports = [] } = (ofKind(objects, 'Service').find(({ metadata }) => metadata.name === name)?.spec ??
      {}) as Partial<ServiceSpec>;
    const isThere = ports.some((it) => (portName === undefined ? it.port === Number(port) : it.name === portName));
    return isThere ? [] : [`${nameOf(route)}: leads to ${name}:${portName ?? port}, which does not exist`];
  });
}

function ofSelector(object: KubeObject, workloads: readonly Workload[]): string[] {
  const { selector, podSelector } = object.spec as { selector?: Selector; podSelector?: Selector };
  const chosen = workloads.filter(({ labels }) => matches(selector ?? podSelector ?? {}, labels));
  // Pods of PostgreSQL are made by its operator.
  const isOperators = JSON.stringify(podSelector ?? {}).includes('cnpg.io/');
  return chosen.length > 0 || isOperators ? [] : [`${nameOf(object)}: chooses nothing`];
}

function ofScaler(object: KubeObject, workloads: readonly Workload[]): string[] {
  const { name, kind = 'Deployment' } = (object.spec as unknown as Scaled).scaleTargetRef;
  const target = workloads.find((workload) => workload.object.kind === kind && workload.name === name);
  if (target === undefined) return [`${nameOf(object)}: scales ${name}, which does not exist`];
  const isFixed = target.object.spec?.['replicas'] !== undefined;
  return isFixed ? [`${nameOf(object)}: ${name} says its own size too`] : [];
}

function scaledTwice(objects: readonly KubeObject[]): string[] {
  const scalers = [...ofKind(objects, 'HorizontalPodAutoscaler'), ...ofKind(objects, 'ScaledObject')];
  const targets = scalers.map(({ spec }) => (spec as unknown as Scaled).scaleTargetRef.name);
  return targets.filter((name, i) => targets.indexOf(name) !== i).map((name) => `${name}: is scaled by two`);
}
