import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from './client.ts';
import { ADMIN_KEY, startTestService } from './service.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number);
  return { child, exited, output: () => output };
}

test('[OPS-1] wrong settings: one message with all of them, and exit code 1', async () => {
  const { exited, output } = run({ PORT: 'x', JWT_SECRET: 'short' });
  expect(await exited).toBe(1);
  for (const name of ['PORT', 'JWT_SECRET', 'SECRETS_KEYS', 'DATABASE_URL', 'NATS_URL', 'REDIS_URL', 'ADMIN_KEY']) {
    expect(output()).toContain(name);
  }
  expect(output()).not.toContain('    at ');
});

const ring = `test:${randomBytes(32).toString('base64')}`;

test('the program serves until it is told to stop, and then ends cleanly', async () => {
  const { config, ...house } = await startTestService();
  onTestFinished(() => house.stop());
  const port = await freePort();
  const { child, exited, output } = run({
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: config.databaseUrl,
    NATS_URL: config.natsUrl,
    REDIS_URL: config.redisUrl,
    JWT_SECRET: config.jwtSecret,
    SECRETS_KEYS: ring,
    ADMIN_KEY,
  });
  const rest = createClient(`http://127.0.0.1:${port}`);
  const ready = async () => (await rest.get('/ready').catch(() => ({ status: 0 }))).status;
  await expect.poll(ready, { timeout: 50_000 }).toBe(200);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(output()).toContain('"msg":"stopping"');
  expect(output()).not.toContain(config.jwtSecret);
});
