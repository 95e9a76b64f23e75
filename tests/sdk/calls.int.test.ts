/** Operations from the SDK, over both transports. */
import { TcpProxy } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { watch } from './clients.ts';

let system: System;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  await system.stop();
});

describe.each(['ws', 'sse'] as const)('over %s', (transport) => {
  async function people(url = system.ws()) {
    const room = await newRoom(system, 'ann', 'bob');
    const ann = watch(system, room.users.ann, { transport, url });
    cleanups.push(() => ann.client.close());
    await ann.online();
    return { ...room, ann: ann.client };
  }

  test('[CALL-1] [CALL-3] [ANS-1] lists, changes and laned calls answer what REST does', async () => {
    const { ann, cid, users } = await people();
    const names = async () =>
      (await ann.call('participants.list', { cid })).items.map(({ userId }) => userId).toSorted();
    expect(await names()).toEqual([users.ann.userId, users.bob.userId].toSorted());
    await ann.conversation(cid).send({ text: 'one' }).delivered;
    expect(await ann.call('conversations.read', { cid, pos: 1 })).toEqual({ pos: 1, unread: 0 });
    const edited = await ann.call('messages.edit', { cid, seq: 1, body: { text: 'two' } });
    expect(edited).toMatchObject({ seq: 1, body: { text: 'two' }, edited: true });
    expect(await ann.call('reactions.add', { cid, seq: 1, emoji: '👍' })).toMatchObject({ reactions: { '👍': 1 } });
    expect(await ann.call('messages.list', { cid, limit: 1 })).toMatchObject({ head: 1, items: [{ seq: 1 }] });
    expect(await ann.call('participants.remove', { cid, user: users.bob.userId })).toBeUndefined();
    expect(await names()).toEqual([users.ann.userId]);
  });

  test('what is created under a key is created once', async () => {
    const { ann } = await people();
    const create = () => ann.call('conversations.create', { kind: 'public', name: 'x', idempotencyKey: 'the-key' });
    const [one, two] = await Promise.all([create(), create()]);
    expect([one.name, two.cid]).toEqual(['x', one.cid]);
    expect((await ann.call('conversations.list', { limit: 10 })).items.map(({ name }) => name)).toContain('x');
  });

  test('[CALL-2] what is refused, or does not fit, is a typed error', async () => {
    const { ann, cid } = await people();
    const { cid: foreign } = await newRoom(system, 'eve');
    await expect(ann.call('participants.list', { cid: foreign })).rejects.toMatchObject({ code: 'not_found' });
    await expect(ann.call('conversations.read', { cid, pos: -1 })).rejects.toMatchObject({ code: 'bad_request' });
    await expect(ann.call('devices.list', { limit: 0 })).rejects.toMatchObject({ code: 'bad_request' });
    await expect(ann.call('users.explode' as 'users.me')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('[CALL-4] a hundred calls at once are all answered', async () => {
    const { ann, users } = await people();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ann.call('users.me')));
    expect(new Set(answers.map(({ userId }) => userId))).toEqual(new Set([users.ann.userId]));
  });

  test('[ANS-1] what may be repeated has its answer, however often the connection is cut', async () => {
    const proxy = await TcpProxy.start({ host: '127.0.0.1', port: system.gateways[0]!.port });
    cleanups.push(() => proxy.stop());
    const { ann, cid } = await people(`ws://127.0.0.1:${proxy.port}/ws`);
    await ann.conversation(cid).send({ text: 'one' }).delivered;
    for (let n = 0; n < 3; n += 1) {
      const answers = Array.from({ length: 8 }, () => ann.call('conversations.read', { cid, pos: 1 }));
      await new Promise((resolve) => setImmediate(resolve));
      proxy.cut();
      expect(await Promise.all(answers)).toEqual(answers.map(() => ({ pos: 1, unread: 0 })));
    }
  });
});
