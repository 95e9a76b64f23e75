import { connectBus, createPublisher, ensureStream, streamState } from '@messagecore/bus';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from '@messagecore/dev-servers';
import { createLogger } from '@messagecore/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { raiseEpochs } from '../src/core/conversations/start-over.ts';
import { guardStream } from '../src/core/relay/stream-guard.ts';
import { createDatabase, createRoom, messageTo, newAppender } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });

test('[JOIN-5] after a restoration every epoch is new, and the stream holds what is left and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'start-over-'));
  const [nats, { store, drop }] = await Promise.all([startNats({ dataDir: folder, log: () => {} }), createDatabase()]);
  onTestFinished(async () => {
    await bus.close();
    await Promise.all([nats.stop(), drop()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const bus = await connectBus({ url: nats.url, name: 'test', log });
  const publisher = createPublisher(bus, { ackTimeoutMs: 5_000 });
  const room = await createRoom(store);
  const appender = newAppender(store);
  for (let n = 0; n < 3; n += 1) await appender.append(messageTo(room));
  await guardStream({ ...store, bus, publisher, log });
  for (const lost of [1, 2, 3, 4, 5]) await publisher.publish(`conv.${room.tid}.${room.cid}.msg`, 'lost', `${lost}`);

  await raiseEpochs(store.sql, bus);

  expect(await streamState(bus)).toBeUndefined();
  expect(await store.sql`select epoch from conversations where conversation_id = ${room.cid}`).toEqual([{ epoch: 1 }]);
  await guardStream({ ...store, bus, publisher, log });
  expect((await ensureStream(bus)).lastSeq).toBe(1);
  await raiseEpochs(store.sql, bus);
  await raiseEpochs(store.sql, bus);
});
