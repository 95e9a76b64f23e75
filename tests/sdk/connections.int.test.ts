import { seededRandom, TcpProxy } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom, range } from '../support/room.ts';
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

async function proxies(): Promise<TcpProxy[]> {
  const made = await Promise.all(system.gateways.map(({ port }) => TcpProxy.start({ host: '127.0.0.1', port })));
  cleanups.push(...made.map((proxy) => () => proxy.stop()));
  return made;
}

test.each(['json', 'msgpack'] as const)('[SEND-1] [SEND-3] two people talk in %s', async (encoding) => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = watch(system, users.ann, { encoding });
  const bob = watch(system, users.bob, { encoding, url: system.ws(1) });
  cleanups.push(
    () => ann.client.close(),
    () => bob.client.close(),
  );
  const room = ann.client.join(cid);
  await Promise.all([room.joined, bob.client.join(cid).joined]);
  const { delivered } = room.send({ text: 'hello 你好 👋 \0' });
  expect(await delivered).toEqual({ seq: 1 });
  await bob.until('the message', () => bob.shown.length > 0);
  expect(bob.shown).toEqual(['1:hello 你好 👋 \0']);
  await ann.until('the own message', () => ann.shown.length > 0);
});

test('[SEQ-2] [SEQ-3] [IDM-1] [JOIN-3] nothing is lost, repeated or reordered while connections are cut', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [one, two] = await proxies();
  const url = [one!, two!].map(({ port }) => `ws://127.0.0.1:${port}/ws`);
  const ann = watch(system, users.ann, { url, random: seededRandom(1) });
  const bob = watch(system, users.bob, { url, random: seededRandom(2) });
  cleanups.push(
    () => ann.client.close(),
    () => bob.client.close(),
  );
  await Promise.all([ann, bob].map(({ client }) => client.join(cid, { since: 0, rev: 0 }).joined));

  const count = 400;
  const random = seededRandom(3);
  const room = ann.client.conversation(cid);
  const sends: Promise<{ seq: number }>[] = [];
  for (const n of range(1, count)) {
    sends.push(room.send({ text: `${n}` }).delivered);
    if (n % 100 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      (random() < 0.5 ? one : two)!.cut();
      await ann.online();
    }
  }
  const expected = range(1, count).map((n) => `${n}:${n}`);
  expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual(range(1, count));
  await bob.until('all messages', () => bob.shown.length >= count);
  await ann.until('all own messages', () => ann.shown.length >= count);
  expect(bob.shown).toEqual(expected);
  expect(ann.shown).toEqual(expected);
});

test('[TYP-5] [READ-1] [SEQ-2] who types and reads in the very moment of coming back misses nothing, and nobody misses it', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [one, two] = await proxies();
  const url = [one!, two!].map(({ port }) => `ws://127.0.0.1:${port}/ws`);
  const people = [users.ann, users.bob].map((user, nr) => ({
    ...watch(system, user, { url, random: seededRandom(nr) }),
    user,
  }));
  cleanups.push(
    ...people.map(
      ({ client }) =>
        () =>
          client.close(),
    ),
  );
  const rooms = people.map(({ client }) => client.join(cid, { since: 0, rev: 0 }));
  await Promise.all(rooms.map((room) => room.joined));
  for (const { client } of people) {
    const room = client.conversation(cid);
    client.on('ready', () => room.typing(true));
    client.on('message', ({ seq }) => {
      room.read(seq);
      room.typing(seq % 2 === 0);
    });
  }
  const random = seededRandom(5);
  const sends: Promise<{ seq: number }>[] = [];
  for (const n of range(1, 5)) {
    for (const room of rooms) sends.push(room.send({ text: `${n}` }).delivered);
    const proxy = (random() < 0.5 ? one : two)!;
    const hit = people.filter(({ client }) => client.state.url.includes(`:${proxy.port}/`));
    proxy.cut();
    await Promise.all(hit.map((person) => person.until('the cut', () => person.client.state.phase !== 'online')));
    await Promise.all(people.map((person) => person.online()));
  }
  const head = sends.length;
  expect((await Promise.all(sends)).map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(range(1, head));
  for (const person of people) {
    await person.until('all messages', () => person.shown.length >= head);
    expect(person.shown.map((line) => Number.parseInt(line, 10))).toEqual(range(1, head));
  }
  for (const [nr, room] of rooms.entries()) {
    for (const { user } of people) {
      await people[nr]!.until(`how far ${user.name} has read`, () => room.reads.get(user.userId) === head);
    }
  }
});

test('[DRN-2] a gateway that drains sends its clients to the other one, and nothing is lost', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const leaving = await system.addGateway();
  const urls = [`ws://127.0.0.1:${leaving.port}/ws`, system.ws(0)];
  const ann = watch(system, users.ann, { url: urls, random: () => 0 });
  const bob = watch(system, users.bob);
  cleanups.push(
    () => ann.client.close(),
    () => bob.client.close(),
  );
  await Promise.all([ann, bob].map(({ client }) => client.join(cid, { since: 0, rev: 0 }).joined));
  expect(ann.client.state.url).toBe(urls[0]);

  const room = ann.client.conversation(cid);
  const sends = range(1, 20).map((n) => room.send({ text: `${n}` }).delivered);
  const drained = leaving.drain();
  sends.push(...range(21, 40).map((n) => room.send({ text: `${n}` }).delivered));
  await drained;
  await ann.until('the other gateway', () => ann.client.state.url === urls[1] && ann.client.state.phase === 'online');
  sends.push(room.send({ text: '41' }).delivered);
  expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual(range(1, 41));
  await bob.until('all messages', () => bob.shown.length >= 41);
  expect(bob.shown).toEqual(range(1, 41).map((n) => `${n}:${n}`));
});

test('[RES-1] a restarted application goes on where it stood, with one resume for all conversations', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob');
  const cids = await Promise.all(range(1, 30).map(() => tenant.channel(users.ann, users.bob)));
  const ann = watch(system, users.ann);
  const before = watch(system, users.bob);
  cleanups.push(() => ann.client.close());
  const say = (text: string) => Promise.all(cids.map((cid) => ann.client.conversation(cid).send({ text }).delivered));
  const joined = cids.map((cid) => before.client.join(cid, { since: 0, rev: 0 }));
  await Promise.all(joined.map((room) => room.joined));
  await say('1');
  await before.until('the first of each', () => before.shown.length === cids.length);
  const positions = joined.map(({ cid, position }) => [cid, position!] as const);
  before.client.close();
  await say('2');

  const after = watch(system, users.bob, { url: system.ws(1) });
  cleanups.push(() => after.client.close());
  for (const [cid, position] of positions) after.client.join(cid, position);
  await after.until('the second of each', () => after.shown.length === cids.length);
  expect(new Set(after.shown)).toEqual(new Set(['2:2']));
});

test('[READ-1] [TYP-1] [REV-1] signals and changes reach the other one', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = watch(system, users.ann);
  const bob = watch(system, users.bob, { url: system.ws(1) });
  cleanups.push(
    () => ann.client.close(),
    () => bob.client.close(),
  );
  const here = ann.client.join(cid);
  const there = bob.client.join(cid);
  await Promise.all([here.joined, there.joined]);
  const seen: string[] = [];
  here.on('typing', ({ from, on }) => seen.push(`${from === users.bob.userId} ${on}`));
  there.typing(true);
  await ann.until('typing', () => seen.includes('true true'));
  await here.send({ text: 'draft' }).delivered;
  await bob.until('the message', () => bob.shown.length === 1);
  there.read(1);
  await ann.until('the read mark', () => here.reads.get(users.bob.userId) === 1);

  const states: string[] = [];
  there.on('update', ({ rev, body, edited, reactions }) => {
    states.push(`${rev} ${String(body['text'])} ${edited === true} ${JSON.stringify(reactions ?? {})}`);
  });
  await here.edit(1, { text: 'final' });
  await there.react(1, '👍');
  await expect(there.edit(1, { text: 'mine' })).rejects.toMatchObject({ code: 'forbidden' });
  await bob.until('both changes', () => states.length === 2);
  expect(states).toEqual(['1 final true {}', '2 final true {"👍":1}']);
  const page = await there.history({ limit: 10 });
  expect(page.items.map(({ seq, body }) => `${seq} ${String(body['text'])}`)).toEqual(['1 final']);
});

test('[JOIN-7] a conversation of others is refused for good', async () => {
  const mine = await newRoom(system, 'ann');
  const theirs = await newRoom(system, 'eve');
  const ann = watch(system, mine.users.ann);
  cleanups.push(() => ann.client.close());
  await expect(ann.client.join(theirs.cid).joined).rejects.toMatchObject({ code: 'not_found' });
  const send = ann.client.conversation(theirs.cid).send({ text: 'psst' });
  await expect(send.delivered).rejects.toMatchObject({ code: 'not_found' });
});

test('[AUTH-5] a bad token stops a client that has no other', async () => {
  const { users } = await newRoom(system, 'ann');
  const ann = watch(system, { ...users.ann, token: 'nonsense' });
  await ann.until('the refusal', () => ann.client.state.phase === 'stopped');
  expect(ann.client.state.error).toBe('unauthorized');
});
