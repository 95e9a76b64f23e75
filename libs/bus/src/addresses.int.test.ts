/** Addresses of the bus: IPv6, and several of which the first does not answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '@messagecore/dev-servers';
import { createLogger } from '@messagecore/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { connectBus } from './connect.ts';

test('IPv6, also behind an address where nobody is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'addresses-'));
  const nats = await startNats({ dataDir: dir });
  const front = createServer((client) => {
    const upstream = connect(nats.port, '127.0.0.1');
    client.on('error', () => {}).pipe(upstream);
    upstream.on('error', () => {}).pipe(client);
  });
  await new Promise<void>((resolve) => front.listen(0, '::1', resolve));
  const { port } = front.address() as AddressInfo;
  onTestFinished(async () => {
    await nats.stop();
    front.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const log = createLogger({ name: 'test', level: 'silent' });
  for (const url of [`nats://[::1]:${port}`, `nats://[::1]:1,nats://[::1]:${port}`]) {
    const bus = await connectBus({ url, name: 'test', log });
    expect(await bus.rtt()).toBeGreaterThanOrEqual(0);
    await bus.close();
  }
});
