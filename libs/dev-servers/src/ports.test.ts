import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isPortFree, reservePort } from './ports.ts';

async function reserve(from?: number) {
  const reserved = await reservePort(from);
  onTestFinished(() => reserved.release());
  return reserved;
}

test('a reserved port is given to nobody else', async () => {
  const first = await reserve();
  const second = await reserve(first.port);
  expect(second.port).toBeGreaterThan(first.port);
  expect(await isPortFree(first.port)).toBe(false);
});

test('a released port can be listened on at once', async () => {
  const { port, release } = await reserve();
  await release();
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  expect(await isPortFree(port)).toBe(false);
});

test('ports nobody asked for by number lie below those of outgoing connections', async () => {
  const { port } = await reserve();
  expect(port).toBeLessThan(32_768);
});

test('there may be no port left', async () => {
  await expect(reservePort(65_536)).rejects.toThrow('no free port');
});
