import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Program, settingsOf } from '../support/service-settings.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  environment?: Record<string, string | number>;
  command?: string[];
  ports?: string[];
  networks?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { disable?: boolean };
  read_only?: boolean;
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
};
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  test('runs nginx in front of two gateways and two chat-services, with their servers', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [
        'nginx',
        'gateway-1',
        'gateway-2',
        'chat-service-1',
        'chat-service-2',
        'migrate',
        'postgres',
        'nats',
        'redis',
      ].sort(),
    );
  });

  test.each(services)('%s has an image of its own or a pinned one', (_, { image, build }) => {
    if (build === undefined) expect(image).toMatch(/^[a-z]+:\d+\.\d+[\w.-]*$/);
    else expect(existsSync(join(root, build.dockerfile))).toBe(true);
  });

  test('only nginx can be reached from outside', () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['nginx']);
    expect(services.filter(([, { networks }]) => networks?.includes('outside')).map(([name]) => name)).toEqual([
      'nginx',
    ]);
    expect(compose.networks['inside']?.internal).toBe(true);
  });

  test('chat-services reach what is outside, and nothing else does', () => {
    const reaching = services.filter(([, { networks }]) => networks?.includes('egress')).map(([name]) => name);
    expect(reaching).toEqual(['chat-service-1', 'chat-service-2']);
    expect(compose.networks['egress']?.internal).not.toBe(true);
  });

  test('every secret must be given, and none has a default', () => {
    const variables = [...text.matchAll(/\$\{(\w+)(:[?-])?([^}]*)/g)].map(([, name, kind, usual]) => ({
      ...{ name: name!, kind, usual },
    }));
    const { known, required } = settingsOf('chat-service');
    const optional = new Set(known.filter((setting) => !required.includes(setting)));
    const example = new Map(
      read('.env.example')
        .split('\n')
        .flatMap((line) => {
          const [name, value] = line.split('=');
          return /^\w+$/.test(name!) ? [[name!, value!]] : [];
        }),
    );
    for (const { name, kind, usual } of variables) {
      expect(example.has(name), `${name} in .env.example`).toBe(true);
      const isSecret = /PASSWORD|SECRET|KEY/.test(name);
      expect(kind, name).toBe(isSecret && !optional.has(name) ? ':?' : ':-');
      if (isSecret) expect(example.get(name)).toBe('');
      if (isSecret && kind === ':-') expect(usual, name).toBe('');
    }
    expect([...optional].filter((name) => /PASSWORD|SECRET|KEY/.test(name)).toSorted()).toEqual([
      ...['KEY_SETS', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY', 'SIGNING_KEYS'],
    ]);
    expect([...example.keys()].sort()).toEqual([...new Set(variables.map(({ name }) => name))].sort());
  });

  test('services are given the settings that they read, and no others', () => {
    for (const [name, { environment = {} }] of services.filter(([, { image }]) => image.startsWith('messagecore/'))) {
      const { known, required } = settingsOf(programOf(name));
      expect(
        Object.keys(environment).filter((setting) => !known.includes(setting)),
        name,
      ).toEqual([]);
      expect(
        required.filter((setting) => !(setting in environment)),
        name,
      ).toEqual([]);
      const missing = known.filter((setting) => !(setting in environment));
      if (name !== 'migrate') expect(missing, name).toEqual(missing.filter((setting) => AS_USUAL.has(setting)));
    }
  });

  test('services wait for what they need, and are watched', () => {
    for (const [name, { depends_on: needs = {}, healthcheck, image }] of services) {
      for (const [other, { condition }] of Object.entries(needs)) {
        expect(compose.services, `${name} needs ${other}`).toHaveProperty([other]);
        expect(condition).toBe(other === 'migrate' ? 'service_completed_successfully' : 'service_healthy');
      }
      // The images of this repository have their own check.
      if (!image.startsWith('messagecore/')) expect(healthcheck, name).toBeDefined();
    }
  });

  test('mounted files exist', () => {
    const files = services.flatMap(([, { volumes = [] }]) => volumes).filter((volume) => volume.startsWith('./'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(join(root, file.split(':')[0]!)), file).toBe(true);
  });

  test('nginx knows every gateway and chat-service by its name and port', () => {
    const upstreams = [...read('deploy/nginx/nginx.conf').matchAll(/^\s+server (\S+):8080 /gm)].map(
      ([, name]) => name!,
    );
    const named = Object.keys(compose.services).filter((name) => /^(gateway|chat-service)-/.test(name));
    expect(upstreams.sort()).toEqual(named.sort());
  });
});

/** Settings that nobody needs to change in containers: the usual values do. */
const AS_USUAL: ReadonlySet<string> = new Set([
  ...['PORT', 'HOST', 'DATABASE_POOL_SIZE', 'DATABASE_POOLED', 'STREAM_REPLICAS', 'REDIS_CLUSTER'],
  ...['WINDOW_MIB', 'MAX_PENDING', 'MAX_PENDING_PER_IP', 'MAX_SESSIONS_PER_USER'],
]);

const programOf = (service: string): Program => service.replace(/-\d$/, '') as Program;
