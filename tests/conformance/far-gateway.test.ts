/** A gateway in another region, with a leaf node of NATS beside it: its own connection says nothing of the line to home. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus } from '@messagecore/bus';
import { freePort, startNats } from '@messagecore/dev-servers';
import { subjects } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { must, TcpProxy } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { Cleanups } from '../support/servers.ts';
import { startSystem, type System } from '../support/system.ts';

const cleanups = new Cleanups();
let system: System;
let line: TcpProxy;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-leaf-'));
  cleanups.add(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  line = await TcpProxy.start({ host: '127.0.0.1', port });
  cleanups.add(() => line.stop());
  const remote = `nats-leaf://127.0.0.1:${line.port}`;
  const leaf = await startNats({
    ...{ dataDir: join(dir, 'nats'), jetstream: false, log: () => {} },
    lines: [`leafnodes: { reconnect: 2, remotes: [{ url: "${remote}" }] }`],
  });
  cleanups.add(() => leaf.stop());
  system = await startSystem({
    natsLines: [`leafnodes: { listen: "127.0.0.1:${port}", advertise: "127.0.0.1:${line.port}" }`],
    ...{ gateways: 1, gateway: { natsUrl: leaf.url } },
  });
  cleanups.add(() => system.stop());
  // The gateway hears of the chat-service.
  const heard = Promise.withResolvers<void>();
  const own = await connectBus({ url: leaf.url, name: 'tests', log: createLogger({ name: 'tests', level: 'silent' }) });
  cleanups.add(() => own.close());
  own.subscribe(subjects.alive, () => heard.resolve());
  await heard.promise;
});

afterAll(() => cleanups.run());

test.each([
  ['for a moment', 0],
  ['for longer', 5_000],
])('[SIG-3] who is added while the line home is away %s hears of it when it is back', async (_, ms) => {
  const { cid, users, tenant } = await newRoom(system, 'ann');
  const bob = await tenant.user('bob');
  const session = await system.connect(bob);
  line.set({ refuse: true });
  line.cut();
  await must('POST', `${system.api}/v1/conversations/${cid}/participants`, {
    headers: users.ann.auth,
    body: { users: [bob.userId] },
  });
  await sleep(ms);
  line.set({});
  await session.record.next('conv', { cid, event: 'added' }, { timeoutMs: 60_000 });
  await session.join(cid);
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'welcome');
  expect(await session.record.next('message', { cid, seq })).toMatchObject({ body: { text: 'welcome' } });
});
