/** Who may reach whom is what the code needs, and clients come in by the routes that nginx has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Fields, K8S, type KubeObject, type Labels } from '../../deploy/k8s/render.ts';
import { readBase } from '../support/kubernetes/base.ts';
import { matches, ofKind, type Selector, type Workload, workloadsOf } from '../support/kubernetes/objects.ts';
import { type Program, settingsOf } from '../support/service-settings.ts';

const read = (path: string) => readFileSync(join(K8S, path), 'utf8');
const objectIn = (path: string) => parse(read(path)) as KubeObject;

interface Peer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except: readonly string[] };
}
interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly {
    readonly from: readonly Peer[];
    readonly ports: readonly { readonly port: number }[];
  }[];
  readonly egress?: readonly { readonly to: readonly Peer[]; readonly ports: readonly { readonly port: number }[] }[];
}
const policyOf = (object: KubeObject) => object.spec as unknown as PolicySpec;

const base = readBase();
const workloads = workloadsOf(base);
const named = workloads.map((workload) => [workload.name, workload] as const);
const policies = ofKind(base, 'NetworkPolicy').map(policyOf);

/** The servers, as pods of deploy/k8s/examples/data. */
const SERVERS = {
  postgres: { labels: { 'cnpg.io/cluster': 'postgres' }, port: 5432 },
  nats: { labels: { 'app.kubernetes.io/name': 'nats' }, port: 4222 },
  redis: { labels: { 'app.kubernetes.io/name': 'redis' }, port: 6379 },
} as const;
type Server = keyof typeof SERVERS;
const SERVER_OF: Readonly<Record<string, Server>> = { DATABASE_URL: 'postgres', NATS_URL: 'nats', REDIS_URL: 'redis' };

const DATA: Labels = { 'kubernetes.io/metadata.name': 'messagecore-data' };
const OWN: Labels = { 'kubernetes.io/metadata.name': 'messagecore' };
const isPod = ({ namespaceSelector = {}, podSelector = {} }: Peer, namespace: Labels, pod: Labels) =>
  matches(namespaceSelector, namespace) && matches(podSelector, pod);

function egressOf({ labels }: Workload) {
  return policies.filter(({ podSelector }) => matches(podSelector, labels)).flatMap(({ egress = [] }) => egress);
}

/** The servers that a workload may reach, at their ports. */
function reachedBy(workload: Workload): Server[] {
  return (Object.keys(SERVERS) as Server[]).filter((name) => {
    const { labels, port } = SERVERS[name];
    return egressOf(workload).some(
      ({ to, ports }) =>
        to.some((peer) => !peer.ipBlock && isPod(peer, DATA, labels)) && ports.some((it) => it.port === port),
    );
  });
}

describe('network policies', () => {
  test('let nothing in or out that no other one allows', () => {
    expect(policies).toContainEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(policies.flatMap(({ ingress = [] }) => ingress)).toEqual([]);
  });

  test.each(named)('let %s reach the servers that its settings name, and no others', (_, workload) => {
    const { required } = settingsOf(workload.labels['app.kubernetes.io/name'] as Program);
    const needed = required.flatMap((name) => SERVER_OF[name] ?? []);
    expect(reachedBy(workload).sort()).toEqual(needed.sort());
  });

  test.each(named)('let %s reach names', (_, workload) => {
    const dns = egressOf(workload).filter(({ ports }) => ports.some(({ port }) => port === 53));
    expect(dns.map(({ ports }) => ports)).toEqual([
      [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    ]);
  });

  test('let the roles that call others reach public addresses, and no private ones', () => {
    const outside = (workload: Workload) =>
      egressOf(workload).flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock ?? []));
    const reaching = workloads.filter((workload) => outside(workload).length > 0).map(({ name }) => name);
    expect(reaching.sort()).toEqual(['chat-service-api', 'chat-service-jobs', 'chat-service-rpc']);
    const [v4, v6] = outside(workloads.find(({ name }) => name === 'chat-service-api')!);
    // 169.254.169.254 tells secrets of machines in a cloud.
    expect(v4?.except).toEqual(['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16']);
    expect(v6?.except).toEqual(['fc00::/7', 'fe80::/10']);
  });

  test.each(Object.keys(SERVERS) as Server[])('of %s let in whoever may reach it, and no others', (name) => {
    const { podSelector, ingress = [] } = policyOf(objectIn(`examples/data/${name}/policy.yaml`));
    const { labels, port } = SERVERS[name];
    expect(matches(podSelector, labels)).toBe(true);
    const isLetIn = ({ labels: pod }: Workload) =>
      ingress.some(
        ({ from, ports }) => from.some((peer) => isPod(peer, OWN, pod)) && ports.some((it) => it.port === port),
      );
    const letIn = workloads.filter(isLetIn).map((workload) => workload.name);
    expect(letIn).toEqual(workloads.filter((workload) => reachedBy(workload).includes(name)).map((it) => it.name));
  });

  test.each([
    ['components/ingress-nginx/edge.yaml', ['gateway', 'chat-service-api'], 'ingress-nginx'],
    ['components/gateway-api/edge.yaml', ['gateway', 'chat-service-api'], 'envoy-gateway-system'],
    [
      'components/monitoring/policy.yaml',
      workloads.flatMap(({ name }) => (name === 'migrate' ? [] : [name])),
      'monitoring',
    ],
  ])('%s lets one name space in, to the port that is listened on', (file, names, from) => {
    const { podSelector, ingress } = policyOf(objectIn(file));
    const open = workloads.filter(({ labels }) => matches(podSelector, labels)).map(({ name }) => name);
    expect(open.sort()).toEqual(names.sort());
    expect(ingress).toEqual([
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': from } } }],
        ports: [{ port: 8080 }],
      },
    ]);
  });
});

/** Services by the names that nginx has for them. */
const SERVICES: Readonly<Record<string, string>> = { gateways: 'gateway', chat_services: 'chat-service' };

/** `/ws` to `gateways`, as nginx has it for everybody. */
const ROUTES = [...read('../nginx/front.conf').matchAll(/location ([^{]+) \{\s+proxy_pass http:\/\/(\w+)/g)]
  .map(([, path, upstream]) => [path!.replace(/^(?:= |~ \^)|\/\?\$$/g, ''), SERVICES[upstream!]!] as const)
  .sort();

const LONG_MS = 120_000;

describe('clients come in', () => {
  test('by an Ingress at the routes of nginx', () => {
    const rules = ['sessions', 'rest'].flatMap((name) => {
      const { spec } = objectIn(`components/ingress-nginx/${name}.yaml`);
      const [rule] = (spec as { rules: { http: { paths: IngressPath[] } }[] }).rules;
      return rule!.http.paths.map(({ path, backend }) => [path, backend.service.name]);
    });
    expect(rules.sort()).toEqual(ROUTES);
  });

  test('by the Gateway API at the same', () => {
    const rules = ['sessions', 'rest'].flatMap((name) => {
      const { spec } = objectIn(`components/gateway-api/${name}.yaml`);
      return (spec as { rules: RouteRule[] }).rules.flatMap(({ matches, backendRefs }) =>
        matches.map(({ path }) => [path.value, backendRefs[0]!.name]),
      );
    });
    expect(rules.sort()).toEqual(ROUTES);
  });

  test('[HB-3] and are not cut off while they are silent for as long as they may be', () => {
    const { metadata } = objectIn('components/ingress-nginx/sessions.yaml');
    const of = (name: string) => metadata.annotations?.[`nginx.ingress.kubernetes.io/${name}`];
    for (const name of ['proxy-read-timeout', 'proxy-send-timeout']) expect(Number(of(name)) * 1_000).toBe(LONG_MS);
    expect(LONG_MS).toBeGreaterThan(2 * LIMITS.deadPeerMs);
    const { spec } = objectIn('components/gateway-api/sessions.yaml');
    expect((spec as { rules: Fields[] }).rules).toEqual([expect.objectContaining({ timeouts: { request: '0s' } })]);
  });

  test('[DRN-1] by way of another gateway when one drains, with nothing held back in buffers', () => {
    const { metadata } = objectIn('components/ingress-nginx/sessions.yaml');
    expect(metadata.annotations).toMatchObject({
      'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
      'nginx.ingress.kubernetes.io/proxy-next-upstream': 'error timeout http_503',
    });
  });

  test('and are bounded as in nginx', () => {
    const nginx = read('../nginx/front.conf');
    const limitOf = (zone: string) => new RegExp(`limit_conn ${zone} (\\d+);`).exec(nginx)?.[1];
    const given = ['sessions', 'rest'].map(
      (name) =>
        objectIn(`components/ingress-nginx/${name}.yaml`).metadata.annotations?.[
          'nginx.ingress.kubernetes.io/limit-connections'
        ],
    );
    expect(given).toEqual([limitOf('connections_per_address'), limitOf('requests_per_address')]);
  });
});

interface IngressPath {
  readonly path: string;
  readonly backend: { readonly service: { readonly name: string } };
}
interface RouteRule {
  readonly matches: readonly { readonly path: { readonly value: string } }[];
  readonly backendRefs: readonly { readonly name: string }[];
}
