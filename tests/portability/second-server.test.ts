/**
 * The PostgreSQL of this system, beside the one that all other tests run on: migrations, a send, history, a restart. All tests
 * run on it with `MC_POSTGRES_PROGRAMS`. Left out where there is none.
 */
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import { ensureDatabase, installedPostgres, startPostgres } from '@messagecore/dev-servers';
import { must } from '@messagecore/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder, untilTestEnds } from '../mc/installation.ts';
import { newRoom } from '../support/room.ts';
import { startSystem } from '../support/system.ts';

const installed = await installedPostgres();
const title = installed === undefined ? 'left out: no PostgreSQL is installed' : `PostgreSQL ${installed.version}`;

test.skipIf(installed === undefined)(
  `${title}: migrations, sends, mentions and history, before and after a restart`,
  async () => {
    const server = await untilTestEnds(
      startPostgres({ dataDir: join(testFolder(), 'postgres'), durable: false, binaries: installed!, log: () => {} }),
    );
    const databaseUrl = await ensureDatabase(server.url, 'messagecore');
    await migrate(databaseUrl);
    const system = await startSystem({ gateways: 1, chatService: { databaseUrl } });
    onTestFinished(() => system.stop());
    const { cid, users } = await newRoom(system, 'ann', 'bob');
    const [ann, bob] = [await system.connect(users.ann), await system.connect(users.bob)];
    await bob.join(cid);
    const first = await ann.sayAndWait(cid, 'to @bob');
    const last = await ann.sayAndWait(cid, 'to everybody');
    await bob.record.next('message', { cid, seq: last });
    const read = async (api: string, path: string) =>
      (await must<{ items: unknown[] }>('GET', `${api}/v1/${path}`, { headers: users.bob.auth })).items;
    const history = await read(system.api, `conversations/${cid}/messages?since=0&limit=10`);
    expect(history).toEqual(
      expect.arrayContaining([expect.objectContaining({ seq: first }), expect.objectContaining({ seq: last })]),
    );
    expect(await read(system.api, 'mentions')).toHaveLength(1);

    await system.chatServices[0]!.stop();
    await server.restart();
    const again = await system.addChatService({ databaseUrl });
    expect(await read(again.url, `conversations/${cid}/messages?since=0&limit=10`)).toEqual(history);
    expect(await ann.sayAndWait(cid, 'after it')).toBe(last + 1);
  },
);
