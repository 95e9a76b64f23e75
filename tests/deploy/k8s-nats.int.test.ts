/** The real NATS with the configuration of deploy/k8s/examples/data: three servers, of which any one may go. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, createPublisher, ensureStream, streamState } from '@messagecore/bus';
import { acquire, freePort, launchProcess, NATS, type Running } from '@messagecore/dev-servers';
import { subjects } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { K8S } from '../../deploy/k8s/render.ts';

const configuration = readFileSync(join(K8S, 'examples/data/nats/nats.conf'), 'utf8');
/** An election among the servers takes seconds where the machine is busy. */
const PATIENCE = { timeout: 120_000, interval: 100 };
const PASSWORD = 'a-password';
const subject = subjects.conversation('0d3bfa3e-1c0f-4b3c-9a39-3cf1c3a5d001', 'c', 'msg');

test('has the settings of the one server of docker-compose.yml', () => {
  const settingsIn = (text: string) =>
    text.split('\n').filter((line) => /^(listen|http|max_payload|ping_\w+): /.test(line));
  const one = readFileSync(join(K8S, '../docker/nats.conf'), 'utf8');
  expect(settingsIn(configuration)).toEqual(settingsIn(one));
  expect(readFileSync(join(K8S, 'overlays/dev/servers/nats.conf'), 'utf8')).toBe(one);
});

describe('three servers', () => {
  let folder: string;
  let servers: Running[];
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'messagecore-nats-'));
    const places = await Promise.all(
      [0, 1, 2].map(async (i) => ({
        i,
        port: await freePort(),
        routePort: await freePort(),
        httpPort: await freePort(),
      })),
    );
    const found = await acquire(NATS, { log: () => {}, ways: ['path', 'apt', 'homebrew', 'go'] });
    if (found.kind !== 'program') throw new Error('there is no program of NATS on this machine');
    const routes = places.map(({ i, routePort }) => [
      `NATS_ROUTE_${i}`,
      `nats://route:${PASSWORD}@127.0.0.1:${routePort}`,
    ]);
    const environment = { NATS_PASSWORD: PASSWORD, NATS_ROUTE_PASSWORD: PASSWORD, ...Object.fromEntries(routes) };
    servers = await Promise.all(
      places.map(({ i, port, routePort, httpPort }) => {
        const text = configuration
          .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
          .replace('0.0.0.0:6222', `127.0.0.1:${routePort}`)
          .replace('0.0.0.0:8222', `127.0.0.1:${httpPort}`)
          .replace('/data', join(folder, `data-${i}`))
          .replace('/tmp/nats.pid', join(folder, `nats-${i}.pid`));
        const file = join(folder, `nats-${i}.conf`);
        writeFileSync(file, text);
        const env = { ...found.program.env, ...environment, POD_NAME: `nats-${i}` };
        return launchProcess(found.program.path, ['--config', file], { env, logFile: join(folder, `log-${i}`) });
      }),
    );
    url = places.map(({ port }) => `nats://messagecore:${PASSWORD}@127.0.0.1:${port}`).join(',');
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop(5_000)));
    rmSync(folder, { recursive: true, force: true });
  });

  test('keep a stream of three copies when one of them is lost', { timeout: 400_000 }, async () => {
    const log = createLogger({ name: 'test', level: 'silent' });
    const bus = await connectBus({ url, name: 'test', log });
    const made = await vi.waitFor(() => ensureStream(bus, { replicas: 3 }), PATIENCE);
    const publisher = createPublisher(bus, { ackTimeoutMs: 5_000 });
    await publisher.publish(subject, 'x', '1');
    await servers[0]!.kill();
    await vi.waitFor(() => publisher.publish(subject, 'x', '2'), PATIENCE);
    expect(await vi.waitFor(() => streamState(bus), PATIENCE)).toEqual({ createdAt: made.createdAt, lastSeq: 2 });
    await bus.close();
  });
});
