import { waitUntil } from '@messagecore/dev-servers';
import { shuffled } from '@messagecore/kernel';
import { seededRandom } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeUnpublished } from '../support/unpublished-changes.ts';
import { fill, joinAll, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const NOTICED_MS = 10_000;

test('[SEQ-1] [SEQ-2] [SEQ-4] many senders, one order, the same for everybody', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy', 'dee', 'eli', 'flo');
  const { cid } = room;
  const clients = Object.values(await joinAll(system, room));
  const head = clients[0]!.record.of('joined')[0]!.head;
  const each = 200;
  await Promise.all(clients.map((client, who) => fill(client, cid, each, (i) => `${who}/${i}`)));
  const total = each * clients.length;
  await Promise.all(
    clients.map(({ record }) => record.until('all of them', () => record.messages(cid).length >= total)),
  );
  const expected = range(head + 1, head + total);
  const [first, ...others] = clients.map(({ record }) => record.messages(cid));
  expect(first!.map(({ seq }) => seq)).toEqual(expected);
  for (const other of others) expect(other).toEqual(first);
  const stored = await system.sql<{ seq: number; mid: string }[]>`
    select seq::int, mid from messages where conversation_id = ${cid} and seq > ${head} order by seq`;
  expect(stored.map(({ mid }) => mid)).toEqual(first!.map(({ mid }) => mid));
  const acks = clients.flatMap(({ record }) => record.of('ack'));
  expect(new Set(acks.map(({ pos }) => pos)).size).toBe(total);
});

test('[SEQ-3] first in, first out, over two chat-services and several conversations at once', async () => {
  const rooms = await Promise.all(range(1, 4).map(() => newRoom(system, 'ann')));
  await Promise.all(
    rooms.map(async ({ cid, users }) => {
      const ann = await system.connect(users.ann);
      const mids = range(1, 500).map((i) => ann.say(cid, `${i}`));
      await ann.record.until('500 acks', () => ann.record.of('ack').length === 500, 60_000);
      const bySeq = ann.record.of('ack').sort((a, b) => a.pos - b.pos);
      expect(bySeq.map(({ mid }) => mid)).toEqual(mids);
    }),
  );
});

test('[SEQ-5] messages that arrive out of order are delivered in order', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const random = seededRandom(11);
  for (const round of range(1, 10)) {
    const batches = await storeUnpublished(
      system,
      { tid, cid },
      users.ann.userId,
      range(1, 8).map((i) => `${round}.${i}`),
    );
    for (const { subject, payload } of shuffled(random, batches)) system.bus.publish(subject, payload);
    const last = batches.at(-1)!.seq;
    for (const client of [ann, bob]) await client.record.next('message', { cid, seq: last });
  }
  const head = bob.record.of('joined')[0]!.head;
  for (const client of [ann, bob]) expect(client.record.seqs(cid)).toEqual(range(head + 1, head + 80));
});

test('[SEQ-6] what the bus repeats is delivered once', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid } = room;
  const { ann, bob } = await joinAll(system, room);
  const seen: [string, Uint8Array][] = [];
  const tap = system.bus.subscribe(`conv.${tid}.${cid}.msg`, (payload, subject) =>
    seen.push([subject, payload.slice()]),
  );
  await system.bus.flush();
  const last = await fill(ann, cid, 20);
  await waitUntil('the bus to have carried them', () => seen.length > 0 && bob.record.seqs(cid).at(-1) === last);
  tap.unsubscribe();
  for (let again = 0; again < 3; again += 1)
    for (const [subject, payload] of seen) system.bus.publish(subject, payload);
  await system.bus.flush();
  const end = await ann.sayAndWait(cid, 'the end');
  const head = bob.record.of('joined')[0]!.head;
  for (const client of [ann, bob]) {
    await client.record.next('message', { cid, seq: end });
    expect(client.record.seqs(cid)).toEqual(range(head + 1, end));
  }
});

test('[SEQ-7] what the bus lost is fetched when the next message shows the gap', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const lost = await storeUnpublished(
    system,
    { tid, cid },
    users.ann.userId,
    range(1, 300).map((i) => `lost ${i}`),
  );
  const next = await ann.sayAndWait(cid, 'after the loss');
  for (const client of [ann, bob]) {
    await client.record.next('message', { cid, seq: next });
    expect(client.record.seqs(cid)).toEqual(range(lost[0]!.seq, next));
  }
});

test('[SEQ-8] the loss of the last message is noticed', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const [lost] = await storeUnpublished(system, { tid, cid }, users.ann.userId, ['the very last']);
  for (const client of [ann, bob])
    await client.record.next('message', { cid, seq: lost!.seq }, { timeoutMs: NOTICED_MS });
});

test('[SEQ-9] what the service writes itself takes its place in the order', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tenant, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const before = await ann.sayAndWait(cid, 'before');
  const newcomer = await tenant.user('cy');
  const answer = await fetch(`${tenant.api}/v1/conversations/${cid}/participants`, {
    method: 'POST',
    headers: { ...users.ann.auth, 'content-type': 'application/json' },
    body: JSON.stringify({ users: [newcomer.userId] }),
  });
  expect(answer.ok).toBe(true);
  const after = await ann.sayAndWait(cid, 'after');
  expect(after).toBe(before + 2);
  await bob.record.next('message', { cid, seq: after });
  expect(bob.record.messages(cid).map(({ kind }) => kind)).toEqual(['text', 'sys', 'text']);
  expect(bob.record.messages(cid)[1]!.body).toMatchObject({ users: [newcomer.userId] });
});
