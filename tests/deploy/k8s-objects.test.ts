/** How pods run, who scales them, and that what names one another is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { hasKustomize, K8S, type KubeObject, type Labels, render, renderWith } from '../../deploy/k8s/render.ts';
import { readBase } from '../support/kubernetes/base.ts';
import { ofKind, type Workload, workloadsOf } from '../support/kubernetes/objects.ts';
import { amountOf } from '../support/kubernetes/quantity.ts';
import { danglingIn } from '../support/kubernetes/references.ts';
import { NEEDS_KUSTOMIZE } from '../support/kubernetes/tools.ts';

const read = (path: string) => readFileSync(join(K8S, path), 'utf8');
const inFolder = (folder: string) =>
  readdirSync(join(K8S, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
    .map((file) => join(folder, file));
const objectsOf = (folder: string) =>
  inFolder(folder).flatMap((file) => parseAllDocuments(read(file)).map((document) => document.toJS() as KubeObject));

const base = readBase();
const production = workloadsOf([...base, ...objectsOf('examples/data')]);
const dev = workloadsOf(objectsOf('overlays/dev/servers'));

describe('pods', () => {
  test.each(production.map((workload) => [workload.name, workload] as const))(
    '%s: no root, no new rights, a root file system that cannot be written, the system calls of containers alone',
    (_, { pod }) => {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.securityContext?.runAsUser).toBeGreaterThan(0);
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      for (const { securityContext } of pod.containers) {
        expect(securityContext).toEqual({
          ...{ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        });
      }
    },
  );

  test.each([...production, ...dev].map((workload) => [workload.name, workload] as const))(
    '%s: asks for what it needs, and has a bound',
    (_, { pod }) => {
      for (const { resources } of pod.containers) {
        for (const what of ['cpu', 'memory']) {
          expect(amountOf(resources.requests[what]!)).toBeGreaterThan(0);
          expect(amountOf(resources.limits[what]!)).toBeGreaterThanOrEqual(amountOf(resources.requests[what]!));
        }
      }
    },
  );

  test.each([...production, ...dev].flatMap(imagesOf).filter(([, image]) => !image.startsWith('messagecore/')))(
    '%s has a pinned image: %s',
    (_, image) => expect(image).toMatch(/^[a-z]+:\d+\.\d+[\w.-]*$/),
  );

  test('service accounts have no tokens', () => {
    for (const account of ofKind(base, 'ServiceAccount'))
      expect(account).toMatchObject({ automountServiceAccountToken: false });
  });

  test('more than one of each is spread over zones and machines, and goes one at a time', () => {
    for (const { name, object, pod } of production.filter(({ object }) => object.kind !== 'Job')) {
      const keys = (pod.topologySpreadConstraints ?? []).map(({ topologyKey }) => topologyKey);
      expect(keys.sort(), name).toEqual(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
      if (object.kind === 'Deployment')
        expect(object.spec).toMatchObject({ strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } });
    }
    const budgets = ofKind([...base, ...objectsOf('examples/data')], 'PodDisruptionBudget');
    expect(budgets.map(({ metadata, spec }) => [metadata.name, spec?.['maxUnavailable']]).sort()).toEqual([
      ...[
        ['chat-service', 1],
        ['gateway', 1],
        ['nats', 1],
        ['redis', 1],
      ],
    ]);
  });
});

function imagesOf({ name, pod }: Workload): (readonly [name: string, image: string])[] {
  return pod.containers.map(({ image }) => [name, image] as const);
}

describe('names', () => {
  test('of the base lead to what exists', () => {
    expect(danglingIn(base)).toEqual([]);
  });

  test('that lead nowhere are found', () => {
    const broken = (from: string, to: string) =>
      danglingIn(JSON.parse(JSON.stringify(base).replaceAll(from, to)) as KubeObject[]).join('\n');
    expect(broken('"targetPort":"http"', '"targetPort":"web"')).toMatch('port http leads to none');
    expect(broken('"serviceAccountName":"gateway"', '"serviceAccountName":"other"')).toMatch('no other');
    expect(broken('"kind":"Deployment","name":"gateway"}', '"kind":"Deployment","name":"gate"}')).toMatch(
      'scales gate',
    );
    expect(broken('"mountPath":"/tmp"', '"name":"gone"')).toMatch('no volume gone');
    expect(broken('"configMapRef":{"name":"gateway"', '"configMapRef":{"name":"gone"')).toMatch('no settings gone');
  });

  test.each(['base', 'components', 'overlays', 'examples'])('of files: each in %s is used', (folder) => {
    const files = readdirSync(join(K8S, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.includes('.'),
    );
    const kustomizations = files.filter((file) => file.endsWith('kustomization.yaml'));
    const used = kustomizations.flatMap((file) => {
      const {
        resources = [],
        configMapGenerator = [],
        patches = [],
      } = parse(read(join(folder, file))) as {
        resources?: string[];
        configMapGenerator?: { envs?: string[]; files?: string[] }[];
        patches?: { path?: string }[];
      };
      const named = [
        ...resources,
        ...configMapGenerator.flatMap(({ envs = [], files: own = [] }) => [...envs, ...own]),
        ...patches.flatMap(({ path }) => path ?? []),
      ];
      return named.map((name) => join(file, '..', name));
    });
    const left = files.filter((file) => !file.endsWith('kustomization.yaml') && !used.includes(file));
    expect(left).toEqual([]);
  });

  describe.runIf(hasKustomize)(`as kustomize makes them${NEEDS_KUSTOMIZE}`, () => {
    test.each(['overlays/dev', 'overlays/production', 'examples/data'])('of %s lead to what exists', (folder) => {
      expect(danglingIn(render(join(K8S, folder)))).toEqual([]);
    });

    test.each(readdirSync(join(K8S, 'components')))('of the component %s lead to what exists', (name) => {
      expect(danglingIn(renderWith([name]))).toEqual([]);
    });
  });
});

interface Scaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly {
    readonly resource: { readonly name: string; readonly target: { readonly averageUtilization: number } };
  }[];
  readonly behavior: {
    readonly scaleDown: { readonly stabilizationWindowSeconds: number; readonly policies: Fields[] };
  };
}
type Fields = Readonly<Record<string, unknown>>;

describe('scaling', () => {
  const scalers = ofKind(base, 'HorizontalPodAutoscaler');
  const scaled = objectsOf('components/keda');
  const scalingOf = (object: KubeObject) => object.spec as unknown as Scaling;

  test('gateways go slowly: longer than a drain takes, one at a time', () => {
    const gateway = scalingOf(scalers.find(({ metadata }) => metadata.name === 'gateway')!);
    const drainMs = Number(settings('gateway')['DRAIN_GRACE_MS']);
    const { stabilizationWindowSeconds, policies } = gateway.behavior.scaleDown;
    expect(stabilizationWindowSeconds).toBeGreaterThanOrEqual(600);
    expect(policies).toEqual([{ type: 'Pods', value: 1, periodSeconds: expect.any(Number) }]);
    expect(Number(policies[0]!['periodSeconds']) * 1_000).toBeGreaterThan(2 * drainMs);
  });

  test('KEDA keeps to the bounds and the pace of the autoscalers that it replaces', () => {
    for (const { metadata, spec } of scaled) {
      const replaced = scalingOf(scalers.find((it) => it.metadata.name === metadata.name)!);
      const { minReplicaCount, maxReplicaCount, advanced } = spec as {
        minReplicaCount: number;
        maxReplicaCount: number;
        advanced: { horizontalPodAutoscalerConfig: { behavior: unknown } };
      };
      expect([minReplicaCount, maxReplicaCount]).toEqual([replaced.minReplicas, replaced.maxReplicas]);
      expect(advanced.horizontalPodAutoscalerConfig.behavior).toEqual(replaced.behavior);
    }
  });

  test('KEDA asks for metrics that the services have', () => {
    const queries = scaled.flatMap(({ spec }) =>
      (spec as { triggers: { metadata: { query?: string } }[] }).triggers.flatMap(
        ({ metadata }) => metadata.query ?? [],
      ),
    );
    const metrics = queries.map((query) => /\((\w+)\{namespace="messagecore"\}\)$/.exec(query)?.[1]);
    expect(metrics).toHaveLength(3);
    const sources = ['gateway/src/metrics.ts', 'chat-service/src/roles/workers.ts', 'chat-service/src/roles/jobs.ts'];
    const text = sources.map((file) => readFileSync(join(K8S, '../../services', file), 'utf8')).join('\n');
    for (const name of metrics) expect(text).toContain(`('${name}', `);
  });

  test('memory of a gateway fits its connections, its window and what a hostile client makes it grow by', () => {
    const { triggers } = scaled.find(({ metadata }) => metadata.name === 'gateway')!.spec as {
      triggers: { metadata: { threshold?: string } }[];
    };
    const connections = Number(triggers[0]!.metadata.threshold);
    const { requests, limits } = production.find(({ name }) => name === 'gateway')!.pod.containers[0]!.resources;
    const [, ofFullWindows] = /^\| second gateway, resident MiB .*\| ([\d.]+) \|$/m.exec(document('capacity'))!;
    const [, ofConnection] = /^\| resident memory, 5,000 connections \| ([\d.]+) KB/m.exec(document('benchmarks'))!;
    const usual = Number(ofFullWindows) * 2 ** 20 + connections * Number(ofConnection) * 1_000;
    expect(settings('gateway')['WINDOW_MIB']).toBe('128');
    expect(amountOf(requests['memory']!)).toBeGreaterThan(usual);
    expect(amountOf(limits['memory']!)).toBeGreaterThan(usual + 256 * 2 ** 20);
    // Without KEDA the same number of connections is told by the memory that they take.
    const { metrics } = scalingOf(scalers.find(({ metadata }) => metadata.name === 'gateway')!);
    const memory = metrics.find(({ resource }) => resource.name === 'memory')!.resource.target.averageUtilization;
    expect(Math.abs((100 * usual) / amountOf(requests['memory']!) - memory)).toBeLessThan(2);
  });

  test('PostgreSQL has a connection for each that all chat-services may open', () => {
    const replicas = ofKind(base, 'Deployment')
      .filter(({ metadata }) => metadata.name.startsWith('chat-service-'))
      .map(({ metadata, spec }) => {
        const scaler = scalers.find((it) => it.metadata.name === metadata.name);
        // One more of each while it is replaced.
        return 1 + (scaler ? scalingOf(scaler).maxReplicas : Number(spec?.['replicas']));
      });
    const beside = [...document('configuration').matchAll(/^\| `DATABASE_POOL_SIZE` .*$/gm)]
      .flatMap(([line]) => [...line.matchAll(/\((\d+)\)/g)].map(([, count]) => Number(count)))
      .reduce((sum, count) => sum + count);
    const each = Number(settings('chat-service')['DATABASE_POOL_SIZE']) + beside;
    const most = replicas.reduce((sum, count) => sum + count) * each;
    const cluster = parse(read('examples/data/postgres/cluster.yaml')) as {
      spec: { postgresql: { parameters: Labels } };
    };
    expect(Number(cluster.spec.postgresql.parameters['max_connections'])).toBeGreaterThan(most);
  });
});

const document = (name: string) => readFileSync(join(K8S, `../../docs/${name}.md`), 'utf8');
const settings = (name: string): Labels =>
  ofKind(base, 'ConfigMap').find(({ metadata }) => metadata.name === name)?.data ?? {};
