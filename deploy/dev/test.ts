/**
 * `npm test [-- vitest's arguments]`: one PostgreSQL, one NATS and one Redis for the whole run, on free ports and in a
 * folder that is gone afterwards. Tests find them through the environment; those that kill servers start their own. The
 * last line is `N passed, N failed`, and the exit code is vitest's.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DevServer, startNats, startPostgres, startRedis } from '@messagecore/dev-servers';
import { childEnvironment } from './config.ts';
import { onStopSignal } from './stop-signals.ts';
import { leftOut, summarise, type TestReport } from './test-summary.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What shells give after Ctrl-C. */
const INTERRUPTED = 128 + constants.signals.SIGINT;
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-test-'));
  // PostgreSQL may run as another account than ours.
  await chmod(dir, 0o755);
  const servers: DevServer[] = [];
  const interrupted = new AbortController();
  const release = onStopSignal({
    stop: (signal) => interrupted.abort(signal),
    force: () => process.exit(INTERRUPTED),
  });
  try {
    const env = await startServers(dir, servers);
    const report = join(dir, 'report.json');
    const exitCode = interrupted.signal.aborted
      ? INTERRUPTED
      : await runVitest(args, { env, report, signal: interrupted.signal });
    const results = await readReport(report);
    process.stdout.write(`\n${[...leftOut(results), summarise(results, exitCode)].join('\n')}\n`);
    return exitCode;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(dir, { recursive: true, force: true });
    release();
  }
}

/** Fills `servers` as they come up, so that a failure half way leaves none behind. */
async function startServers(dir: string, servers: DevServer[]): Promise<Record<string, string>> {
  const started = async (starting: Promise<DevServer>) => {
    const server = await starting;
    servers.push(server);
    return server.url;
  };
  const starting = [
    started(startPostgres({ dataDir: join(dir, 'postgres'), durable: false })),
    started(startNats({ dataDir: join(dir, 'nats') })),
    started(startRedis({ dataDir: join(dir, 'redis') })),
  ] as const;
  await Promise.allSettled(starting);
  const [postgres, nats, redis] = await Promise.all(starting);
  return { MC_TEST_POSTGRES_URL: postgres, MC_TEST_NATS_URL: nats, MC_TEST_REDIS_URL: redis };
}

interface VitestRun {
  readonly env: Record<string, string>;
  readonly report: string;
  readonly signal: AbortSignal;
}

function runVitest(args: readonly string[], { env, report, signal }: VitestRun): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const command = [VITEST, 'run', '--config', 'vitest.workspace.ts', ...reporters, ...args];
  return new Promise((done, fail) => {
    const vitest = spawn(process.execPath, command, { cwd: ROOT, env: childEnvironment(env), stdio: 'inherit' });
    signal.addEventListener('abort', () => vitest.kill('SIGTERM'));
    vitest.once('error', fail);
    vitest.once('exit', (code, killedBy) => done(killedBy === null ? (code ?? 1) : 128 + constants.signals[killedBy]));
  });
}

async function readReport(path: string): Promise<TestReport | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as TestReport);
}
