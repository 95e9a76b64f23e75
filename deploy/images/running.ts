/**
 * Runs the images as the compose file does, with its limits, beside PostgreSQL, NATS and Redis that are started for it: the
 * services answer /health, run as an ordinary user, cannot write to their own files, and end with 0 when told to stop.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, freePort, startNats, startPostgres, startRedis, waitUntil } from '@messagecore/dev-servers';
import { randomBytes } from 'node:crypto';
import type { Check } from './checks.ts';
import { output, tryCommand } from './command.ts';
import type { Engine } from './engine.ts';
import { limitsOf } from './limits.ts';
import type { ImageName } from './options.ts';
import { judgeRoot, PROBE } from './read-only-root.ts';

export interface Tried {
  readonly engine: Engine;
  readonly composeFile: string;
  /** The tag of each image that is to be tried. */
  readonly tags: ReadonlyMap<ImageName, string>;
  /** The command of its health check. */
  readonly healthchecks: ReadonlyMap<ImageName, readonly string[]>;
}

type Settings = Readonly<Record<string, string>>;

const LOG_LINES = '25';

/** Why images cannot be run here; undefined when they can. */
export function whyNotRun(engine: Engine, platform: NodeJS.Platform = process.platform): string | undefined {
  if (engine.name === 'buildah') return 'buildah builds and does not run: install podman';
  if (platform !== 'linux') return 'containers reach servers of this machine on Linux alone';
  return undefined;
}

/** @throws Error when the servers beside them cannot be started. */
export async function tryImages(tried: Tried): Promise<ReadonlyMap<ImageName, readonly Check[]>> {
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-images-'));
  // PostgreSQL may run as another account than ours.
  chmodSync(dir, 0o755);
  const servers: DevServer[] = [];
  const keep = async (starting: Promise<DevServer>) => {
    const server = await starting;
    servers.push(server);
    return server.url;
  };
  try {
    const [DATABASE_URL, NATS_URL, REDIS_URL] = await Promise.all([
      keep(startPostgres({ dataDir: join(dir, 'postgres') })),
      keep(startNats({ dataDir: join(dir, 'nats') })),
      keep(startRedis({ dataDir: join(dir, 'redis') })),
    ]);
    const secrets = {
      JWT_SECRET: randomBytes(32).toString('hex'),
      ADMIN_KEY: randomBytes(32).toString('hex'),
      SECRETS_KEYS: `first:${randomBytes(32).toString('base64')}`,
    };
    return await new Trial(tried, dir, { DATABASE_URL, NATS_URL, REDIS_URL, ...secrets }).run();
  } finally {
    await Promise.allSettled(servers.map((server) => server.stop()));
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Running {
  readonly container: string;
  readonly url: string;
}

class Trial {
  readonly #tried: Tried;
  readonly #dir: string;
  readonly #settings: Settings;
  readonly #mostFiles = Number(output('sh', ['-c', 'ulimit -Hn']).trim()) || Number.POSITIVE_INFINITY;
  readonly #running = new Map<ImageName, Running>();
  readonly #checks = new Map<ImageName, Check[]>();

  constructor(tried: Tried, dir: string, settings: Settings) {
    this.#tried = tried;
    this.#dir = dir;
    this.#settings = settings;
  }

  async run(): Promise<ReadonlyMap<ImageName, readonly Check[]>> {
    const { DATABASE_URL = '', NATS_URL = '' } = this.#settings;
    try {
      if (this.#tried.tags.has('chat-service')) {
        await this.#check('chat-service', 'migrates', () => {
          this.#toEnd('chat-service', { DATABASE_URL }, ['node', 'services/chat-service/src/migrate.ts']);
          return 'ended with 0';
        });
        await this.#serve('chat-service', this.#settings);
      }
      if (this.#tried.tags.has('gateway')) await this.#serve('gateway', { NATS_URL });
      if (this.#tried.tags.has('mc')) await this.#examine();
      for (const [image, running] of this.#running) await this.#stop(image, running);
    } finally {
      for (const { container } of this.#running.values()) tryCommand(this.#engine, ['rm', '--force', container]);
    }
    return this.#checks;
  }

  get #engine(): string {
    return this.#tried.engine.name;
  }

  async #check(image: ImageName, name: string, work: () => Promise<string> | string): Promise<void> {
    const checks = this.#checks.get(image) ?? [];
    this.#checks.set(image, checks);
    try {
      checks.push({ name, result: 'well', detail: await work() });
    } catch (error) {
      checks.push({ name, result: 'failed', detail: error instanceof Error ? error.message : String(error) });
    }
  }

  async #serve(image: ImageName, settings: Settings): Promise<void> {
    await this.#check(image, 'read-only root', async () => {
      const port = await freePort();
      const own = { ...settings, HOST: '127.0.0.1', PORT: String(port) };
      const container = output(this.#engine, ['run', '--detach', ...this.#flags(image, own), this.#tag(image)]);
      const running = { container: container.trim(), url: `http://127.0.0.1:${port}` };
      this.#running.set(image, running);
      await this.#until(running, '/health/simple');
      return judgeRoot(this.#inside(running, ['node', '-e', PROBE]));
    });
    const running = this.#running.get(image);
    if (running === undefined) return;
    await this.#check(image, '/health', () => this.#until(running, '/health'));
    await this.#check(image, 'its health check', () => {
      this.#inside(running, this.#tried.healthchecks.get(image) ?? []);
      return 'ended with 0';
    });
  }

  /** Waits until a path answers 200, and returns what it says. @throws Error with the end of the container's log. */
  async #until({ container, url }: Running, path: string): Promise<string> {
    let answer = '';
    const isWell = async () => {
      const state = output(this.#engine, ['inspect', '--format', '{{.State.Status}}', container]).trim();
      if (state === 'exited') throw new Error('it has ended');
      const response = await fetch(url + path).catch(() => undefined);
      answer = (await response?.text()) ?? answer;
      return response?.status === 200;
    };
    try {
      await waitUntil(`${path} of the container`, isWell);
    } catch (error) {
      const { stdout, stderr } = tryCommand(this.#engine, ['logs', '--tail', LOG_LINES, container]);
      throw new Error(`${String(error)}: ${answer}\n${stdout}${stderr}`, { cause: error });
    }
    return answer === '' ? '200' : `200 ${answer.length > 60 ? `${answer.slice(0, 60)}…` : answer}`;
  }

  /** `mc doctor` finds the servers, and the services where these run. */
  async #examine(): Promise<void> {
    await this.#check('mc', 'read-only root', () =>
      judgeRoot(this.#toEnd('mc', {}, ['-e', PROBE], ['--entrypoint', 'node'])),
    );
    await this.#check('mc', 'has pg_basebackup', () =>
      this.#toEnd('mc', {}, ['--version'], ['--entrypoint', 'pg_basebackup']).trim(),
    );
    await this.#check('mc', 'mc doctor', () => {
      const services = [...this.#running.values()].map(({ url }) => url).join(',');
      const said = this.#toEnd('mc', { ...this.#settings, MC_SERVICES: services }, ['doctor', '--json']);
      return `ended with 0, ${JSON.stringify(JSON.parse(said)).length} bytes of JSON`;
    });
  }

  async #stop(image: ImageName, { container }: Running): Promise<void> {
    await this.#check(image, 'ends on SIGTERM', () => {
      output(this.#engine, ['stop', '--time', '30', container]);
      const code = output(this.#engine, ['inspect', '--format', '{{.State.ExitCode}}', container]).trim();
      if (code !== '0') throw new Error(`it ended with ${code}`);
      return 'with 0';
    });
  }

  /** Runs a command in a container of its own. @throws Error with its words when it does not end with 0. */
  #toEnd(image: ImageName, settings: Settings, command: readonly string[], more: readonly string[] = []): string {
    return output(this.#engine, [
      'run',
      '--rm',
      ...this.#flags(image, settings),
      ...more,
      this.#tag(image),
      ...command,
    ]);
  }

  #inside({ container }: Running, command: readonly string[]): string {
    return output(this.#engine, ['exec', container, ...command]);
  }

  #tag(image: ImageName): string {
    return this.#tried.tags.get(image) ?? image;
  }

  #flags(image: ImageName, settings: Settings): string[] {
    // mc is in no compose file and gets as much as the service whose settings it reads.
    const service = image === 'gateway' ? 'gateway-1' : 'chat-service-1';
    // In a file, so that no list of processes and no error shows them.
    const file = join(this.#dir, 'environment');
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    return [
      ...['--network', 'host', '--no-healthcheck'],
      ...limitsOf(this.#tried.composeFile, service, this.#mostFiles),
      ...['--env-file', file],
    ];
  }
}
