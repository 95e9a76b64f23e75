/** The Helm chart makes what kustomize makes, and its values reach where they should. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartFiles, COMPONENTS, SWITCHES } from '../../deploy/k8s/chart.ts';
import { hasKustomize, K8S, type KubeObject, outputOf, render, renderWith } from '../../deploy/k8s/render.ts';
import { problemsOf } from '../support/kubernetes/models.ts';
import { comparable } from '../support/kubernetes/names.ts';
import { ofKind, workloadsOf } from '../support/kubernetes/objects.ts';
import { danglingIn } from '../support/kubernetes/references.ts';
import { hasHelm, NEEDS_HELM, NEEDS_KUSTOMIZE, renderChart } from '../support/kubernetes/tools.ts';

const CHART = join(K8S, 'chart');
const read = (file: string) => readFileSync(join(CHART, file), 'utf8');
const templates = readdirSync(join(CHART, 'templates')).map((file) => read(`templates/${file}`));
const { version } = JSON.parse(readFileSync(join(K8S, '../../package.json'), 'utf8')) as { version: string };

describe('the chart', () => {
  test('has each value that a template names, and names each value', () => {
    const named = new Set(
      templates.flatMap((text) => [...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path]) => path!)),
    );
    const values = parse(read('values.yaml')) as object;
    const missing = [...named].filter((path) => valueAt(values, path) === undefined);
    expect(missing).toEqual([]);
    const isNamed = (path: string) => [...named].some((it) => path === it || path.startsWith(`${it}.`));
    expect(leavesOf(values).filter((path) => !isNamed(path))).toEqual([]);
  });

  test.runIf(hasKustomize)(`is made of the objects that the overlays have${NEEDS_KUSTOMIZE}`, () => {
    const files = chartFiles(version);
    const present = [
      'Chart.yaml',
      'values.yaml',
      ...readdirSync(join(CHART, 'templates')).map((it) => `templates/${it}`),
    ];
    expect(present.sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(read(name), `${name}: run node deploy/k8s/write-chart.ts`).toBe(text);
  });
});

function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], tree);
}

function leavesOf(tree: object): string[] {
  return Object.entries(tree).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? leavesOf(value).map((path) => `${name}.${path}`) : [name],
  );
}

describe.runIf(hasHelm)(`what helm makes of it${NEEDS_HELM}`, () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'messagecore-chart-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  function made(values: object = {}): KubeObject[] {
    const file = join(folder, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    return renderChart(CHART, '--namespace', 'messagecore', '--kube-version', '1.34.0', '--values', file);
  }
  const on = (components: readonly (keyof typeof SWITCHES)[]) =>
    Object.fromEntries(components.map((name) => [SWITCHES[name], { enabled: true }]));

  test('is as helm wants it', () => {
    expect(outputOf('helm', ['lint', '--strict', CHART])).toContain('0 chart(s) failed');
  });

  test('has known fields and right values, and names lead to what exists', () => {
    const objects = made(on(COMPONENTS));
    expect(problemsOf(objects)).toEqual([]);
    expect(danglingIn(objects)).toEqual([]);
    for (const { metadata } of objects) expect(metadata.namespace).toBe('messagecore');
  });

  describe.runIf(hasKustomize)(`is what kustomize makes${NEEDS_KUSTOMIZE}`, () => {
    const expectEqual = (chart: KubeObject[], kustomization: KubeObject[]) =>
      expect(comparable(chart, { namespaces: false })).toEqual(comparable(kustomization, { namespaces: false }));

    test('of the base', () => expectEqual(made(), renderWith([])));
    test.each(COMPONENTS)('of the base with %s', (name) => expectEqual(made(on([name])), renderWith([name])));
    test('of all', () => expectEqual(made(on(COMPONENTS)), renderWith(COMPONENTS)));

    test('of the overlay for production, with its values', () => {
      const repository = 'registry.example.com/messagecore';
      const values = {
        ...on(['ingress-nginx', 'keda', 'monitoring']),
        images: { gateway: `${repository}/gateway:${version}`, chatService: `${repository}/chat-service:${version}` },
        settings: { chatService: { CORS_ORIGINS: 'https://chat.example.com' } },
      };
      const overlay = render(join(K8S, 'overlays/production')).filter(({ kind }) => kind !== 'Namespace');
      expectEqual(made(values), overlay);
    });
  });

  test('changes with its values where it should', () => {
    const objects = made({
      ...on(['ingress-nginx', 'gateway-api', 'keda']),
      host: 'chat.test',
      namespaces: { data: 'servers' },
      gateway: { minReplicas: 3, maxReplicas: 50, connections: '4000' },
      settings: { gateway: { LOG_LEVEL: 'debug' } },
    });
    const text = JSON.stringify(objects);
    for (const usual of ['chat.example.com', 'messagecore-data']) expect(text).not.toContain(usual);
    expect(ofKind(objects, 'HTTPRoute').map(({ spec }) => spec?.['hostnames'])).toEqual([['chat.test'], ['chat.test']]);
    expect(ofKind(objects, 'ScaledObject').find(({ metadata }) => metadata.name === 'gateway')?.spec).toMatchObject({
      ...{ minReplicaCount: 3, maxReplicaCount: 50, triggers: [{ metadata: { threshold: '4000' } }, {}] },
    });
  });

  test('replaces pods when their settings change', () => {
    const settingsOf = (objects: KubeObject[], name: string) =>
      workloadsOf(objects).find((workload) => workload.name === name)!.pod.containers[0]!.envFrom![0]!.configMapRef
        .name;
    const usual = made();
    const changed = made({ settings: { gateway: { LOG_LEVEL: 'debug' } } });
    expect(settingsOf(changed, 'gateway')).not.toBe(settingsOf(usual, 'gateway'));
    expect(settingsOf(changed, 'chat-service-api')).toBe(settingsOf(usual, 'chat-service-api'));
  });
});
