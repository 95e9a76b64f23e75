/** Everything that the manifests say of the services is what their code says: settings, roles, ports, routes, times. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig as readChatServiceConfig } from '@messagecore/chat-service';
import { readConfig as readGatewayConfig } from '@messagecore/gateway';
import { readBase } from '../support/kubernetes/base.ts';
import { type Container, workloadsOf, type Workload } from '../support/kubernetes/objects.ts';
import { type Program, settingsOf } from '../support/service-settings.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const objects = readBase();
const workloads = workloadsOf(objects);
const services = workloads.filter(({ object }) => object.kind === 'Deployment');
const named = services.map((workload) => [workload.name, workload] as const);
const programOf = ({ labels }: Workload) => labels['app.kubernetes.io/name'] as Program;
const containerOf = ({ pod }: Workload): Container => pod.containers[0]!;

/** The environment that a pod gives its program, with a sample where a Secret is named. */
function environmentOf(workload: Workload): Record<string, string> {
  const { env = [], envFrom = [] } = containerOf(workload);
  const settings = envFrom.map(({ configMapRef }) => {
    const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef.name);
    return found?.data ?? expect.fail(`${workload.name} names the settings ${configMapRef.name}, which do not exist`);
  });
  const variables = env.map(({ name, value }) => [name, value ?? SAMPLES[name] ?? '']);
  return { ...Object.assign({}, ...settings), ...Object.fromEntries(variables) };
}

const SAMPLES: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://messagecore:secret@postgres-rw.messagecore-data:5432/messagecore?sslmode=require',
  NATS_URL: ['nats-0', 'nats-1', 'nats-2'].map((host) => `nats://messagecore:secret@${host}.nats:4222`).join(','),
  REDIS_URL: ['redis-0', 'redis-1', 'redis-2'].map((host) => `redis://:secret@${host}.redis:6379`).join(','),
  JWT_SECRET: 'x'.repeat(32),
  ADMIN_KEY: 'x'.repeat(16),
  SECRETS_KEYS: `first:${Buffer.alloc(32, 1).toString('base64')}`,
};

const readConfigOf = (workload: Workload) =>
  programOf(workload) === 'gateway' ? readGatewayConfig : readChatServiceConfig;

/** The image says these. */
const OF_THE_IMAGE: readonly string[] = ['PORT', 'HOST'];

describe('settings', () => {
  test.each(workloads.map((workload) => [workload.name, workload] as const))(
    'of %s are those that its code reads, all of them',
    (_, workload) => {
      const { known, required } = settingsOf(programOf(workload));
      const given = Object.keys(environmentOf(workload));
      expect(given.filter((name) => !known.includes(name))).toEqual([]);
      expect(required.filter((name) => !given.includes(name))).toEqual([]);
      expect(known.filter((name) => !given.includes(name) && !OF_THE_IMAGE.includes(name))).toEqual([]);
    },
  );

  test.each(named)('of %s are taken by its code', (_, workload) => {
    expect(() => readConfigOf(workload)(environmentOf(workload))).not.toThrow();
  });

  test.each(['dev', 'production'])(
    'that the overlay %s changes are those of the base, with values that are taken',
    (name) => {
      const { configMapGenerator } = parse(read(`deploy/k8s/overlays/${name}/kustomization.yaml`)) as {
        configMapGenerator: { name: string; literals?: string[] }[];
      };
      for (const workload of services) {
        const generator = configMapGenerator.find((it) => it.name === programOf(workload));
        const changed = Object.fromEntries(
          (generator?.literals ?? []).map((line) => line.split('=') as [string, string]),
        );
        const usual = environmentOf(workload);
        expect(Object.keys(changed).filter((setting) => !(setting in usual))).toEqual([]);
        expect(() => readConfigOf(workload)({ ...usual, ...changed })).not.toThrow();
      }
    },
  );

  test('secrets come from Secrets, and nothing else does', () => {
    for (const workload of workloads) {
      for (const { name, value, valueFrom } of containerOf(workload).env ?? []) {
        const isSecret = /PASSWORD|SECRET|KEY|_HEADERS$|_DSN$|^(DATABASE|NATS|REDIS|SMTP)_URL$/.test(name);
        expect(valueFrom?.secretKeyRef?.key, `${name} of ${workload.name}`).toBe(isSecret ? name : undefined);
        expect(value === undefined, `${name} of ${workload.name}`).toBe(isSecret);
      }
    }
    for (const { kind, data = {} } of objects) {
      if (kind !== 'ConfigMap') continue;
      const secret = Object.keys(data).filter((name) => /PASSWORD|SECRET|KEY/.test(name));
      expect(secret.filter((name) => !PUBLIC_KEYS.includes(name))).toEqual([]);
    }
  });

  test('a Secret must have what the code requires, and may have the rest', () => {
    for (const workload of workloads) {
      const { required } = settingsOf(programOf(workload));
      for (const { name, valueFrom } of containerOf(workload).env ?? []) {
        if (valueFrom === undefined) continue;
        expect(valueFrom.secretKeyRef?.optional !== true, `${name} of ${workload.name}`).toBe(required.includes(name));
      }
    }
  });

  test('each role has processes of its own', async () => {
    const source = read('services/chat-service/src/roles/roles.ts');
    const roles = [...(/ROLES = \[(.*)\]/.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, role]) => role!);
    const given = services.filter((workload) => programOf(workload) === 'chat-service');
    expect(given.map((workload) => environmentOf(workload)['ROLES']).sort()).toEqual(roles.sort());
    for (const workload of given)
      expect(environmentOf(workload)['ROLES']).toBe(workload.labels['app.kubernetes.io/component']);
  });

  test('External Secrets fill in what the Secrets must have', () => {
    const filled = ['gateway', 'chat-service', 'migrate'].map((name) => {
      const { spec } = parse(read(`deploy/k8s/examples/external-secrets/${name}.yaml`)) as {
        spec: { target: { name: string }; data: { secretKey: string }[] };
      };
      return [spec.target.name, spec.data.map(({ secretKey }) => secretKey).sort()] as const;
    });
    const needed = workloads.map((workload) => {
      const references = (containerOf(workload).env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
      const required = references.filter(({ optional }) => optional !== true);
      return [required[0]!.name, required.map(({ key }) => key).sort()] as const;
    });
    expect(Object.fromEntries(filled)).toEqual(Object.fromEntries(needed));
  });
});

/** Sets of public keys, which everybody may read. */
const PUBLIC_KEYS: readonly string[] = ['KEY_SETS'];

describe('what runs', () => {
  test('the ports are those of the images, and their users are the same', () => {
    for (const workload of services) {
      const dockerfile = read(`deploy/docker/${programOf(workload)}.Dockerfile`);
      const [port] = containerOf(workload).ports ?? [];
      expect(port).toEqual({ name: 'http', containerPort: Number(/PORT=(\d+)/.exec(dockerfile)?.[1]) });
      expect(dockerfile).toContain('\nUSER node\n');
    }
  });

  test('the migration job is the command that the compose file has', () => {
    const { services } = parse(read('docker-compose.yml')) as { services: { migrate: { command: string[] } } };
    const job = workloads.find(({ name }) => name === 'migrate')!;
    expect(containerOf(job).command).toEqual(services.migrate.command);
    expect(existsSync(join(root, services.migrate.command[1]!))).toBe(true);
  });

  test.each(named)('%s is asked at routes that exist', (_, workload) => {
    const { startupProbe, livenessProbe, readinessProbe, ports = [] } = containerOf(workload);
    const routes = read('libs/runtime/src/ops-routes.ts');
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
      expect(routes).toContain(`'${probe?.httpGet?.path}': `);
      expect(ports.map(({ name }) => name)).toContain(probe?.httpGet?.port);
    }
    // Restarting a process brings no bus and no database back.
    expect(livenessProbe?.httpGet?.path).toBe('/health/simple');
    expect(readinessProbe?.httpGet?.path).toBe('/ready');
  });

  test.each(named)('[DRN-3] %s is given the time that its stop takes', (_, workload) => {
    const main = read(`services/${programOf(workload)}/src/main.ts`);
    const ownMs = Number(/STOP_(?:MARGIN|TIMEOUT)_MS = ([\d_]+)/.exec(main)?.[1]?.replaceAll('_', ''));
    const graceMs = Number(environmentOf(workload)['DRAIN_GRACE_MS'] ?? 0);
    const preStopMs = (containerOf(workload).lifecycle?.preStop?.sleep?.seconds ?? 0) * 1_000;
    // A start under way is waited for first.
    const startMs = 5_000;
    expect(ownMs).toBeGreaterThan(0);
    expect(workload.pod.terminationGracePeriodSeconds! * 1_000).toBeGreaterThanOrEqual(
      preStopMs + startMs + graceMs + ownMs,
    );
  });

  test.each(named)('[DRN-1] proxies hear that %s goes before it refuses', (_, workload) => {
    expect(containerOf(workload).lifecycle?.preStop?.sleep?.seconds).toBeGreaterThanOrEqual(3);
  });
});
