/**
 * The services with the settings of docker-compose.tls.yml, beside a PostgreSQL, a NATS and a Redis with its settings and
 * certificates: only addresses, ports and places of files are replaced. Left out where NATS and Redis run in containers, or
 * Redis was built without TLS.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, freePort, NATS, REDIS, type ServerSource, startPostgres, waitUntil } from '@messagecore/dev-servers';
import { RawClient, TestTenant } from '@messagecore/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { COMPOSE_FILE, GIVEN, readCompose, REPOSITORY, TLS_FILE } from '../support/compose.ts';
import { Cleanups } from '../support/servers.ts';

const { services, secrets = {} } = readCompose([COMPOSE_FILE, TLS_FILE]);

async function programOf(source: ServerSource): Promise<string | undefined> {
  const acquired = await acquire(source, { log: () => {} });
  return acquired.kind === 'program' ? acquired.program.path : undefined;
}

const [nats, redis] = await Promise.all([programOf(NATS), programOf(REDIS)]);
/** One that was built without TLS does not know the setting; the others ask for a number. */
const knowsTls =
  redis !== undefined && !/Bad directive/.test(spawnSync(redis, ['--tls-port', 'none'], { encoding: 'utf8' }).stderr);
const canRun = nats !== undefined && redis !== undefined && knowsTls;
const WHY = canRun ? '' : ' (left out: NATS or Redis runs in a container here, or Redis has no TLS)';

describe.runIf(canRun)(`docker-compose.tls.yml inside${WHY}`, () => {
  const cleanups = new Cleanups();
  let certificates: Certificates;
  let dir: string;
  const ports = { postgres: 0, nats: 0, redis: 0 };
  let databaseUrl: string;

  /** With this machine's addresses and files instead of the containers'. */
  function placed(text: string): string {
    let own = text;
    for (const [name, { file }] of Object.entries(secrets))
      own = own.replaceAll(`/run/secrets/${name}`, file.replace('./certificates', certificates.dir));
    return own
      .replace('messagecore:p4ssword@postgres:5432/messagecore', new URL(databaseUrl).href.slice('postgres://'.length))
      .replace('//nats:4222', `//localhost:${ports.nats}`)
      .replace('//redis:6379', `//localhost:${ports.redis}`);
  }

  /** Starts a program that is stopped with the tests; its words are in `<name>.log`. */
  function start(
    name: string,
    program: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): ChildProcess {
    const log = openSync(join(dir, `${name}.log`), 'a');
    const child = spawn(program, args, { cwd: REPOSITORY, env: childEnvironment(env), stdio: ['ignore', log, log] });
    closeSync(log);
    cleanups.add(async () => {
      if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
    });
    return child;
  }

  const settingsOf = (name: string, more: Record<string, string> = {}): Record<string, string> => ({
    ...Object.fromEntries(
      Object.entries(services[name]!.environment!).map(([setting, value]) => [setting, placed(value)]),
    ),
    LIMITS: 'load',
    ...more,
  });

  async function serve(name: string, program: string): Promise<string> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const settings = settingsOf(name, { HOST: '127.0.0.1', PORT: String(port) });
    const child = start(name, process.execPath, [`services/${program}/src/main.ts`], settings);
    await waitUntil(name, async () => {
      if (child.exitCode !== null) throw new Error(readFileSync(join(dir, `${name}.log`), 'utf8'));
      return (await fetch(`${url}/health`).catch(() => undefined))?.status === 200;
    });
    return url;
  }

  beforeAll(async () => {
    certificates = makeCertificates('localhost');
    cleanups.add(() => certificates.remove());
    dir = mkdtempSync(join(tmpdir(), 'messagecore-inside-'));
    chmodSync(dir, 0o755);
    cleanups.add(() => rmSync(dir, { recursive: true, force: true }));
    databaseUrl = await startDatabase();
    await startNats();
    await startRedis();
  });
  afterAll(() => cleanups.run());

  /** With the options of the command, and the rules of access for the network. */
  async function startDatabase(): Promise<string> {
    const server = await startPostgres({ dataDir: join(dir, 'postgres'), durable: false, log: () => {} });
    cleanups.add(() => server.stop());
    const cluster = join(dir, 'postgres/cluster');
    const owner = join(cluster, 'PG_VERSION');
    const put = (from: string, name: string, mode: number) => {
      cpSync(from, join(cluster, name));
      spawnSync('chown', ['--reference', owner, join(cluster, name)]);
      chmodSync(join(cluster, name), mode);
    };
    put(certificates.file('postgres.crt'), 'own.crt', 0o644);
    put(certificates.file('postgres.key'), 'own.key', 0o600);
    const places: Record<string, string> = {
      ssl_cert_file: join(cluster, 'own.crt'),
      ssl_key_file: join(cluster, 'own.key'),
    };
    const options = services['postgres']!.command!.slice(1).map((text) => /^--(\w+)=(.*)$/.exec(text)!);
    expect(options.map(([, name]) => name)).toEqual(['ssl', ...Object.keys(places), 'hba_file']);
    const sql = postgres(server.url, { max: 1, onnotice: () => {} });
    for (const [, name = '', value = ''] of options.slice(0, -1))
      await sql.unsafe(`alter system set ${name} = '${places[name] ?? value}'`);
    // Another file of rules would take a start.
    put(join(REPOSITORY, 'deploy/docker/pg_hba-tls.conf'), 'pg_hba.conf', 0o600);
    await sql`select pg_reload_conf()`;
    await sql.end();
    const url = new URL(server.url);
    url.hostname = 'localhost';
    ports.postgres = server.port;
    return url.href;
  }

  async function startNats(): Promise<void> {
    ports.nats = await freePort();
    const monitor = await freePort();
    const [, file] = services['nats']!.command!;
    for (const name of ['nats.conf', 'nats-tls.conf']) {
      const text = placed(readFileSync(join(REPOSITORY, 'deploy/docker', name), 'utf8'))
        .replace('0.0.0.0:4222', `127.0.0.1:${ports.nats}`)
        .replace('0.0.0.0:8222', `127.0.0.1:${monitor}`)
        .replace('/data', join(dir, 'nats'));
      writeFileSync(join(dir, name), text);
    }
    const child = start('nats', nats!, ['--config', join(dir, file!.replace('/etc/nats/', ''))]);
    await waitUntil('NATS', async () => {
      if (child.exitCode !== null) throw new Error(readFileSync(join(dir, 'nats.log'), 'utf8'));
      return (await fetch(`http://127.0.0.1:${monitor}/healthz`).catch(() => undefined))?.ok === true;
    });
  }

  async function startRedis(): Promise<void> {
    ports.redis = await freePort();
    const args = services['redis']!.command!.slice(1).map((text) =>
      text === '6379' ? String(ports.redis) : placed(text),
    );
    const child = start('redis', redis!, [...args, '--dir', dir]);
    const ready = () => readFileSync(join(dir, 'redis.log'), 'utf8');
    await waitUntil('Redis', () => {
      if (child.exitCode !== null) throw new Error(ready());
      return ready().includes('Ready to accept connections');
    });
  }

  test('the migration, a chat-service and a gateway work over TLS', async () => {
    const migration = start(
      'migrate',
      process.execPath,
      ['services/chat-service/src/migrate.ts'],
      settingsOf('migrate'),
    );
    const [code] = await once(migration, 'exit');
    expect(code, readFileSync(join(dir, 'migrate.log'), 'utf8')).toBe(0);
    const api = await serve('chat-service-1', 'chat-service');
    const gateway = await serve('gateway-1', 'gateway');

    const health = (await (await fetch(`${api}/health`)).json()) as { checks: Record<string, { ok: boolean }> };
    expect(Object.keys(health.checks)).toEqual(expect.arrayContaining(['database', 'redis', 'bus', 'stream']));
    const tenant = await TestTenant.create(api, GIVEN['ADMIN_KEY']!);
    const [ann, bob] = await tenant.users('ann', 'bob');
    const cid = await tenant.channel(ann!, bob!);
    const open = ({ token }: { token: string }) =>
      RawClient.open({ url: `${gateway.replace('http', 'ws')}/ws`, token });
    const [sender, reader] = [await open(ann!), await open(bob!)];
    await reader.join(cid);
    const seq = await sender.sayAndWait(cid, 'over TLS inside');
    await reader.record.next('message', { cid, seq });
    for (const client of [sender, reader]) client.cut();
  });

  test('PostgreSQL takes nobody in plain', async () => {
    const sql = postgres(databaseUrl, { max: 1, ssl: false, onnotice: () => {} });
    await expect(sql`select 1`).rejects.toThrow('no encryption');
    await sql.end();
  });

  test('a service that does not know the authority is not let in by itself', async () => {
    const settings = settingsOf('gateway-1', { HOST: '127.0.0.1', PORT: '0', NODE_EXTRA_CA_CERTS: '' });
    const child = start('stranger', process.execPath, ['services/gateway/src/main.ts'], settings);
    const log = () => readFileSync(join(dir, 'stranger.log'), 'utf8');
    await waitUntil('its refusal', () => /unable to (?:get local|verify)|self-signed/.test(log()));
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  test('each server answers to the name that the compose file calls it by', () => {
    for (const name of ['postgres', 'nats', 'redis'] satisfies (keyof typeof services)[]) {
      const { stdout } = spawnSync(
        'openssl',
        ['x509', '-in', certificates.file(`${name}.crt`), '-noout', '-checkhost', name],
        {
          encoding: 'utf8',
        },
      );
      expect(stdout).toContain('does match certificate');
    }
  });
});
