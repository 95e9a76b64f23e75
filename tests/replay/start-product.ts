import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@messagecore/dev-servers';
import { HEADERS } from '@messagecore/protocol';
import { childEnvironment } from './config.ts';
import { type Installation, type ProductState, readState } from './product-state.ts';
import type { ReplayOptions } from './options.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const STOP_GRACE_MS = 30_000;

/**
 * Starts the whole product as `npm start -- --json` does, with data and ports of its own. Until it is ready, what it says
 * is passed on; afterwards it goes to a log file beside the data.
 *
 * @throws Error when it ends before it is ready.
 */
export async function startProduct(
  { gateways, chatServices }: Pick<ReplayOptions, 'gateways' | 'chatServices'>,
  say: (line: string) => void,
): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'messagecore-replay-'));
  // PostgreSQL may run as another account than ours.
  await chmod(dataDir, 0o755);
  const args = ['--json', '--gateways', String(gateways), '--chat-services', String(chatServices)];
  const data = join(dataDir, 'data');
  const env = childEnvironment({ MC_DATA_DIR: data, MC_PORT_BASE: String(await freePort()) });
  const program = [join(ROOT, 'deploy/dev/bootstrap.mjs'), 'deploy/dev/start.ts', ...args];
  const child = spawn(process.execPath, program, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const log = createWriteStream(join(dataDir, 'product.log'));
  child.stderr.pipe(log);
  const progress = createInterface({ input: child.stderr }).on('line', say);

  const stop = async () => {
    child.kill('SIGTERM');
    const killTimer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(killTimer);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([once(lines, 'line'), ended.then(() => undefined)]);
    if (line === undefined) throw new Error('the product ended before it was ready; its own words are above');
    progress.removeAllListeners('line');
    const state = () => readState(join(data, 'running.json'));
    const started = await state();
    await liftQuotas(started);
    const { api, gateways: addresses, apiKey, servers } = started;
    return { api, gateways: addresses, apiKey, databaseUrl: servers?.postgres.url, state, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A file may have more people than the plan of the demo's tenant. @throws Error when the operator's key is not taken. */
async function liftQuotas({ api, adminKey = '', tenantId = '' }: ProductState): Promise<void> {
  const limits = { users: null, messages: null, connections: null, sendsPerSecond: null };
  const answer = await fetch(`${api}/admin/v1/tenants/${tenantId}`, {
    method: 'PATCH',
    headers: { [HEADERS.adminKey]: adminKey, 'content-type': 'application/json' },
    body: JSON.stringify({ limits }),
  });
  if (!answer.ok) throw new Error(`the quotas of the tenant stay: ${answer.status} ${await answer.text()}`);
}
