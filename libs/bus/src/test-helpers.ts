import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsServer, startNats, waitUntil } from '@messagecore/dev-servers';
import { createLogger, type Logger } from '@messagecore/runtime';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Bus, BusStatus, StreamBus } from './bus.ts';
import { connectBus } from './connect.ts';

export const quiet: Logger = createLogger({ name: 'test', level: 'silent' });

/** One server for all tests of the file. */
export function useNats(): { readonly server: NatsServer } {
  const folder = mkdtempSync(join(tmpdir(), 'bus-'));
  let server: NatsServer | undefined;
  beforeAll(async () => {
    server = await startNats({ dataDir: folder, log: () => {} });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get server() {
      if (server === undefined) throw new Error('NATS has not started');
      return server;
    },
  };
}

/** A connection of the running test, closed when it ends. */
export async function connected(server: NatsServer, log: Logger = quiet): Promise<StreamBus> {
  const bus = await connectBus({ url: server.url, name: 'test', log });
  onTestFinished(() => bus.close());
  return bus;
}

/** Everything that the bus tells of its connection, and a way to wait for it. */
export function watchStatus(bus: Bus) {
  const seen: BusStatus[] = [];
  bus.onStatus((status) => seen.push(status));
  return { seen, until: (status: BusStatus) => waitUntil(`the bus to be ${status}`, () => seen.includes(status)) };
}

export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
