/** docker-compose.yml alone, and with docker-compose.tls.yml over it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import schema from 'docker-compose/schema/compose-spec.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { COMPOSE_FILE, GIVEN, readCompose, REPOSITORY, TLS_FILE } from '../support/compose.ts';
import { type Program, settingsOf } from '../support/service-settings.ts';

const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');
const VARIANTS = [
  { name: 'docker-compose.yml', files: [COMPOSE_FILE] },
  { name: 'with docker-compose.tls.yml', files: [COMPOSE_FILE, TLS_FILE] },
] as const;

/** `docker compose`, as a plugin or a program of its own; undefined where there is neither. */
const program = [['docker', 'compose'], ['docker-compose']].find(
  ([first, ...rest]) => spawnSync(first!, [...rest, 'version']).status === 0,
);
const NEEDS_COMPOSE = program === undefined ? ' (left out: there is no docker compose on this machine)' : '';

describe.each(VARIANTS)('$name', ({ files }) => {
  const compose = readCompose(files);
  const services = Object.entries(compose.services);

  test('has the shape that the Compose Specification gives', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const { $schema: _, ...shape } = schema;
    const isValid = ajv.compile(shape);
    isValid(compose);
    expect(isValid.errors).toBeNull();
    isValid({ services: { nginx: { image: 'nginx', memory: '1g' } } });
    expect(isValid.errors).not.toBeNull();
  });

  test.runIf(program)(`docker compose takes it, and reads it as these tests do${NEEDS_COMPOSE}`, () => {
    const [first = '', ...rest] = program ?? [];
    const args = [...rest, ...files.flatMap((file) => ['-f', file]), 'config', '--format', 'json'];
    // Neither an .env nor variables of this machine say more than is given here.
    const empty = Object.fromEntries([...readExample().keys()].map((name) => [name, '']));
    const env = childEnvironment({ ...empty, ...GIVEN, COMPOSE_DISABLE_ENV_FILE: '1' });
    const options = { cwd: REPOSITORY, env };
    const { status, stdout, stderr } = spawnSync(first, args, { ...options, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const theirs = (JSON.parse(stdout) as { services: Record<string, Record<string, unknown>> }).services;
    expect(Object.keys(theirs).sort()).toEqual(Object.keys(compose.services).sort());
    for (const [name, ours] of services) {
      const { environment, command, entrypoint, cap_drop, security_opt, tmpfs, read_only, user } = theirs[name]!;
      // What they print can be read again, with two dollars for one.
      const texts = (list: unknown) => (list as string[] | null)?.map((text) => text.replaceAll('$$', '$'));
      expect({ environment, command: texts(command), entrypoint: texts(entrypoint) }, name).toEqual({
        environment: ours.environment,
        command: ours.command,
        entrypoint: ours.entrypoint,
      });
      expect({ cap_drop, security_opt, tmpfs, read_only, user }, name).toEqual({
        cap_drop: ours.cap_drop,
        security_opt: ours.security_opt,
        tmpfs: ours.tmpfs,
        read_only: ours.read_only,
        user: ours.user,
      });
    }
  });

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
    else expect(existsSync(join(REPOSITORY, build.dockerfile))).toBe(true);
  });

  test.each(services)('%s has limits, and rights to nothing but what it needs', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      cpus: '2',
      pids_limit: '256',
      ulimits: { nofile: '65536' },
    });
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect([service.cap_add, service.privileged]).toEqual([undefined, undefined]);
    // What it may write to in memory is bounded.
    for (const mount of service.tmpfs ?? []) expect(mount).toMatch(/^\/(?:tmp|run):size=\d+m$|^\/data:size=\d+m$/);
  });

  test('only nginx can be reached from outside', () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['nginx']);
    expect(services.filter(([, { networks }]) => networks?.includes('outside')).map(([name]) => name)).toEqual([
      'nginx',
    ]);
    expect(compose.networks['inside']?.internal).toBe(true);
    const { ports = [] } = compose.services['nginx']!;
    expect(ports.filter((port) => port.endsWith(':8081'))).toEqual(['127.0.0.1:8081:8081']);
  });

  test('chat-services reach what is outside, and nothing else does', () => {
    const reaching = services.filter(([, { networks }]) => networks?.includes('egress')).map(([name]) => name);
    expect(reaching).toEqual(['chat-service-1', 'chat-service-2']);
    expect(compose.networks['egress']?.internal).not.toBe(true);
  });

  test('services are given the settings that they read, and no others', () => {
    for (const [name, { environment = {} }] of services.filter(([, { image }]) => image.startsWith('messagecore/'))) {
      const { known, required } = settingsOf(programOf(name));
      expect(
        Object.keys(environment).filter((setting) => !known.includes(setting) && !OF_NODE.has(setting)),
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
    for (const file of files) expect(existsSync(join(REPOSITORY, file.split(':')[0]!)), file).toBe(true);
  });

  test('secrets that are mounted are named once, and by who uses them', () => {
    const named = Object.keys(compose.secrets ?? {});
    const used = services.flatMap(([, { secrets = [] }]) => secrets);
    expect([...new Set(used)].sort()).toEqual(named.sort());
    for (const [name, { secrets = [], ...service }] of services) {
      const text = `${JSON.stringify(service)}${read('deploy/nginx/nginx-tls.conf')}${read('deploy/docker/nats-tls.conf')}`;
      for (const secret of secrets) expect(text, name).toContain(`/run/secrets/${secret}`);
      const asked = [...JSON.stringify(service).matchAll(/\/run\/secrets\/(\w+)/g)].map(([, secret]) => secret!);
      expect(secrets, name).toEqual(expect.arrayContaining(asked));
    }
  });
});

test('every secret must be given, and none has a default', () => {
  const text = read(COMPOSE_FILE) + read(TLS_FILE);
  const variables = [...text.matchAll(/\$\{(\w+)(:[?-])?([^}]*)/g)].map(([, name, kind, usual]) => ({
    ...{ name: name!, kind, usual },
  }));
  const { known, required } = settingsOf('chat-service');
  const optional = new Set(known.filter((setting) => !required.includes(setting)));
  const example = readExample();
  for (const { name, kind, usual } of variables) {
    expect(example.has(name), `${name} in .env.example`).toBe(true);
    const isSecret = /PASSWORD|SECRET|KEY/.test(name) && !OF_FILES.has(name);
    expect(kind, name).toBe(isSecret && !optional.has(name) ? ':?' : ':-');
    if (isSecret) expect(example.get(name)).toBe('');
    if (isSecret && kind === ':-') expect(usual, name).toBe('');
  }
  expect([...optional].filter((name) => /PASSWORD|SECRET|KEY/.test(name)).toSorted()).toEqual([
    ...['KEY_SETS', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY', 'SIGNING_KEYS'],
  ]);
  expect([...example.keys()].sort()).toEqual([...new Set(variables.map(({ name }) => name))].sort());
});

test('nginx knows every gateway and chat-service by its name and port', () => {
  const upstreams = [...read('deploy/nginx/http.conf').matchAll(/^\s+server (\S+):8080 /gm)].map(([, name]) => name!);
  const named = Object.keys(readCompose([COMPOSE_FILE]).services).filter((name) =>
    /^(gateway|chat-service)-/.test(name),
  );
  expect(upstreams.sort()).toEqual(named.sort());
});

describe('with docker-compose.tls.yml', () => {
  const plain = readCompose([COMPOSE_FILE]).services;
  const { services } = readCompose([COMPOSE_FILE, TLS_FILE]);

  test('no connection to PostgreSQL, NATS and Redis is in plain, and each is checked by its name', () => {
    const valuesOf = (setting: string) =>
      Object.values(services).flatMap(({ environment = {} }) => environment[setting] ?? []);
    const [databases, buses, caches] = ['DATABASE_URL', 'NATS_URL', 'REDIS_URL'].map(valuesOf);
    expect([databases?.length, buses?.length, caches?.length]).toEqual([3, 4, 2]);
    for (const url of databases!) expect(url).toMatch(/@postgres:5432\/.*\?sslmode=verify-full&sslrootcert=/);
    for (const url of buses!) expect(url).toBe('tls://nats:4222');
    for (const url of caches!) expect(url).toBe('rediss://redis:6379');
  });

  test('all else of the services stays as it is', () => {
    const ADDRESSES = /^(?:NATS_URL|REDIS_URL|DATABASE_URL|NODE_EXTRA_CA_CERTS)$/;
    const others = (environment = {}) =>
      Object.fromEntries(Object.entries(environment).filter(([setting]) => !ADDRESSES.test(setting)));
    for (const [name, { environment, secrets: _, ...service }] of Object.entries(services)) {
      expect(others(environment), name).toEqual(others(plain[name]!.environment));
      if (service.image.startsWith('messagecore/')) {
        const { environment: __, ...before } = plain[name]!;
        expect(service, name).toEqual(before);
      }
    }
    // A command is replaced as a whole, so that what the other file says of it stands there again.
    expect(services['redis']!.command).toEqual(expect.arrayContaining([...plain['redis']!.command!]));
  });
});

/** Settings that nobody needs to change in containers: the usual values do. */
const AS_USUAL: ReadonlySet<string> = new Set([
  ...['PORT', 'HOST', 'DATABASE_POOL_SIZE', 'DATABASE_POOLED', 'STREAM_REPLICAS', 'REDIS_CLUSTER'],
  ...['WINDOW_MIB', 'MAX_PENDING', 'MAX_PENDING_PER_IP', 'MAX_SESSIONS_PER_USER'],
]);

/** What Node itself reads. */
const OF_NODE: ReadonlySet<string> = new Set(['NODE_EXTRA_CA_CERTS']);
/** Names of files. */
const OF_FILES: ReadonlySet<string> = new Set(['TLS_KEY']);

function readExample(): Map<string, string> {
  return new Map(
    read('.env.example')
      .split('\n')
      .flatMap((line) => {
        const [name, value] = line.split('=');
        return /^\w+$/.test(name!) ? [[name!, value!]] : [];
      }),
  );
}

const programOf = (service: string): Program => service.replace(/-\d$/, '') as Program;
