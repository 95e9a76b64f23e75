/** A system that can be broken: PostgreSQL, Redis, NATS and every service are processes of its own, and people talk in it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@messagecore/chat-service';
import { type DevServer, ensureDatabase, startPostgres, startRedis } from '@messagecore/dev-servers';
import { call, newMid, RawClient } from '@messagecore/testkit';
import postgres from 'postgres';
import { newRoom, type Room } from '../support/room.ts';
import { Cleanups } from '../support/servers.ts';
import { startSystem, type System, type SystemOptions } from '../support/system.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import type { Threshold } from './hurried.ts';
import { targetsOf } from './targets.ts';

export interface Place {
  readonly system: System;
  readonly postgres: DevServer;
  readonly redis: DevServer;
  /** More than a pool: what a breakage opens is not short of connections. */
  readonly sql: postgres.Sql;
  readonly room: Room<'ann' | 'bob'>;
  readonly prometheus: Prometheus;
  /** Aborted when the place is left: what was begun in it ends then. */
  readonly signal: AbortSignal;
}

export interface PlaceOptions extends Pick<SystemOptions, 'chatService' | 'gateway'> {
  /** Nobody sends over WebSocket: messages come by REST alone, and are listened to. */
  readonly onlyListening?: boolean;
  readonly thresholds?: readonly Threshold[];
}

/** Between two messages, and two requests. */
const PAUSE_MS = 100;

/** Does `work` in a place of its own; everything in it is gone afterwards. */
export async function inPlace<T>(options: PlaceOptions, work: (place: Place) => Promise<T>): Promise<T> {
  const cleanups = new Cleanups();
  const over = new AbortController();
  try {
    const place = await open(options, over.signal, cleanups);
    return await work(place);
  } finally {
    over.abort();
    await cleanups.run();
  }
}

async function open(options: PlaceOptions, signal: AbortSignal, cleanups: Cleanups): Promise<Place> {
  const { thresholds, chatService, gateway, onlyListening = false } = options;
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-ops-'));
  // PostgreSQL may run as another account than ours.
  await chmod(dir, 0o755);
  cleanups.add(() => rm(dir, { recursive: true, force: true }));
  const [database, redis] = await Promise.all([
    startPostgres({ dataDir: join(dir, 'postgres'), durable: false }),
    startRedis({ dataDir: join(dir, 'redis') }),
  ]);
  for (const server of [database, redis]) cleanups.add(() => server.stop());
  const databaseUrl = await ensureDatabase(database.url, 'messagecore');
  await migrate(databaseUrl);
  const system = await startSystem({
    ...{ gateways: 1, chatServices: 1, ownProcesses: true },
    chatService: { databaseUrl, redisUrl: redis.url, ...chatService },
    ...(gateway && { gateway }),
  });
  cleanups.add(() => system.stop());
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {} });
  cleanups.add(() => sql.end({ timeout: 1 }));
  const room = await newRoom(system, 'ann', 'bob');
  const prometheus = await startPrometheus(targetsOf(system), thresholds);
  cleanups.add(() => prometheus.stop());
  const talks = [talk(system, room, signal, onlyListening), post(system, room, signal)];
  cleanups.add(() => Promise.all(talks));
  return { system, postgres: database, redis, sql, room, prometheus, signal };
}

/** Sends over WebSocket, and comes back whenever the connection is gone. */
async function talk(
  system: System,
  { cid, users }: Place['room'],
  signal: AbortSignal,
  onlyListening: boolean,
): Promise<void> {
  let open: RawClient[] = [];
  while (!signal.aborted) {
    try {
      if (open.length === 0 || open.some(({ socket }) => socket.readyState !== socket.OPEN)) {
        for (const client of open.splice(0)) client.cut();
        open = await Promise.all(
          [users.ann, users.bob].map(({ token }) => RawClient.open({ url: system.ws(), token })),
        );
        for (const client of open) client.sendFrame({ t: 'join', cid });
      }
      if (!onlyListening) open[0]?.say(cid, 'still there?');
    } catch {
      // Whatever is broken: it is tried again.
    }
    await sleep(PAUSE_MS);
  }
  for (const client of open) client.cut();
}

/** Sends by REST, which needs neither gateways nor NATS. */
async function post(system: System, { cid, users }: Place['room'], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const body = { mid: newMid(), kind: 'text', body: { text: 'by REST' } };
    const url = `${system.api}/v1/conversations/${cid}/messages`;
    await call('POST', url, { headers: users.bob.auth, body }).catch(() => {});
    await sleep(PAUSE_MS);
  }
}
