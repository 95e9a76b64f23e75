import type { Page, Reaction } from '@messagecore/protocol/features';
import { must, type RawClient, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { editUnpublished } from '../support/unpublished-changes.ts';
import { fill, joinAll, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ chatServices: 2 });
});
afterAll(() => system.stop());

const NOTICED_MS = 10_000;
let refs = 0;
const newRef = () => `ref-${++refs}`;

const edit = (client: RawClient, cid: string, seq: number, text: string, ref = newRef()) => {
  client.sendFrame({ t: 'edit', cid, seq, body: { text }, ref });
  return ref;
};
const recall = (client: RawClient, cid: string, seq: number, ref = newRef()) => {
  client.sendFrame({ t: 'recall', cid, seq, ref });
  return ref;
};
const react = (client: RawClient, cid: string, seq: number, emoji: string, on = true, ref = newRef()) => {
  client.sendFrame({ t: 'react', cid, seq, emoji, on, ref });
  return ref;
};

test('[REV-1] a change raises rev by one and everybody gets the whole new state', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await ann.sayAndWait(cid, 'draft');
  const original = await bob.record.next('message', { cid, seq });
  const { rev } = bob.record.of('joined')[0]!;
  edit(ann, cid, seq, 'final');
  react(bob, cid, seq, '👍');
  for (const { record } of [ann, bob])
    await record.until('both changes', () => record.of('update', { cid }).length === 2);
  const [first, second] = bob.record.of('update', { cid });
  expect([first!.rev, second!.rev]).toEqual([rev + 1, rev + 2]);
  expect(ann.record.of('update')).toEqual([first, second]);
  expect(second).toEqual({
    ...original,
    t: 'update',
    from: users.ann.userId,
    body: { text: 'final' },
    edited: true,
    reactions: { '👍': 1 },
    rev: rev + 2,
  });
});

test('[REV-2] [REV-3] changes come in order, and never before their message', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid } = room;
  const { ann, bob, cy } = await joinAll(system, room);
  const rounds = 60;
  for (const i of range(1, rounds)) {
    const seq = await ann.sayAndWait(cid, `draft ${i}`);
    edit(ann, cid, seq, `final ${i}`);
    react(bob, cid, seq, '👍');
    if (i % 10 === 0) {
      const late = await system.connect(room.users.cy, { gateway: i % 20 === 0 ? 0 : 1 });
      await late.join(cid, { since: 0, rev: 0 });
    }
  }
  const changes = rounds * 2;
  for (const client of [ann, bob, cy]) {
    await client.record.until('all changes', () => client.record.of('update', { cid }).length === changes, 60_000);
    const revs = client.record.of('update', { cid }).map(({ rev }) => rev);
    expect(revs).toEqual(range(revs[0]!, revs[0]! + changes - 1));
    for (const { seq } of client.record.of('update', { cid })) {
      const message = client.frames.findIndex((frame) => frame.t === 'message' && frame.seq === seq);
      const update = client.frames.findIndex((frame) => frame.t === 'update' && frame.seq === seq);
      expect(message).toBeGreaterThanOrEqual(0);
      expect(message).toBeLessThan(update);
    }
  }
});

test('[REV-4] a join with rev replays final states; without it only live changes come', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const head = await fill(ann, cid, 10);
  const { rev: before } = await ann.join(cid, { since: head });
  for (const text of ['one', 'two', 'three']) edit(ann, cid, head - 1, text);
  react(ann, cid, head - 2, '🎉');
  recall(ann, cid, head - 3);
  await ann.record.until('five changes', () => ann.record.of('update').length === 5);
  const final = ann.record.of('update').filter(({ body }) => !['one', 'two'].includes(String(body['text'])));

  const away = await system.connect(users.bob, { gateway: 1 });
  expect((await away.join(cid, { since: head, rev: before })).rev).toBe(before + 5);
  await away.record.until('the final states', () => away.record.of('update').length === final.length);
  await away.settle();
  expect(away.record.of('update')).toEqual(final);
  expect(away.record.messages(cid)).toEqual([]);

  const partly = await system.connect(users.bob, { gateway: 0 });
  await partly.join(cid, { since: head, rev: before + 3 });
  await partly.record.until('the later two', () => partly.record.of('update').length === 2);

  const without = await system.connect(users.bob, { gateway: 1 });
  await without.join(cid, { since: head });
  edit(ann, cid, head, 'live');
  await without.record.next('update', { cid, seq: head });
  expect(without.record.of('update').map(({ rev }) => rev)).toEqual([before + 6]);
});

test('[REV-4] [REV-6] whoever was away gets nothing of what was edited or recalled meanwhile, at a gateway that has seen it all too', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const slip = await ann.sayAndWait(cid, 'a slip');
  const draft = await ann.sayAndWait(cid, 'a draft');
  await bob.record.next('message', { cid, seq: draft });
  edit(ann, cid, slip, 'a secret');
  for (const text of ['one', 'two', 'three']) edit(ann, cid, draft, text);
  recall(ann, cid, slip);
  for (const { record } of [ann, bob]) await record.until('all changes', () => record.of('update').length === 5);
  for (const gateway of [0, 1]) {
    const away = await system.connect(users.bob, { gateway });
    const { rev } = await away.join(cid, { since: draft, rev: 0 });
    await away.record.next('update', { cid, rev });
    await away.settle();
    expect(away.record.of('update').map(({ seq, body }) => [seq, body['text']])).toEqual([
      [draft, 'three'],
      [slip, undefined],
    ]);
    expect(JSON.stringify(away.frames)).not.toContain('secret');
  }
});

test('[REV-5] messages carry their rev and their reactions', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid } = room;
  const { ann, bob, cy } = await joinAll(system, room);
  const plain = await ann.sayAndWait(cid, 'plain');
  const loved = await ann.sayAndWait(cid, 'loved');
  react(bob, cid, loved, '👍');
  react(cy, cid, loved, '👍');
  react(cy, cid, loved, '👩‍🚀');
  await ann.record.until('three changes', () => ann.record.of('update', { cid, seq: loved }).length === 3);
  const { rev } = ann.record.of('update', { cid, seq: loved }).at(-1)!;
  const later = await system.connect(room.users.bob, { gateway: 1 });
  await later.join(cid, { since: plain - 1 });
  const first = await later.record.next('message', { cid, seq: plain });
  expect(first.rev).toBe(0);
  expect(first).not.toHaveProperty('reactions');
  expect(await later.record.next('message', { cid, seq: loved })).toMatchObject({
    rev,
    reactions: { '👍': 2, '👩‍🚀': 1 },
  });
});

test('[REV-6] an edited message says so; a recalled one has no text any more', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tenant, users } = room;
  const { ann, bob } = await joinAll(system, room);
  const edited = await ann.sayAndWait(cid, 'a secret draft');
  const recalled = await ann.sayAndWait(cid, 'a secret slip');
  edit(ann, cid, edited, 'published');
  recall(ann, cid, recalled);
  expect(await bob.record.next('update', { cid, seq: edited })).toMatchObject({
    edited: true,
    body: { text: 'published' },
  });
  expect(await bob.record.next('update', { cid, seq: recalled })).toMatchObject({ recalled: true });
  const later = await system.connect(users.bob, { gateway: 0 });
  await later.join(cid, { since: edited - 1, rev: 0 });
  await later.record.next('message', { cid, seq: recalled });
  const page = await fetch(`${tenant.api}/v1/conversations/${cid}/messages`, { headers: users.bob.auth });
  const changes = await fetch(`${tenant.api}/v1/conversations/${cid}/changes?after=0`, { headers: users.bob.auth });
  for (const shown of [JSON.stringify(later.frames), await page.text(), await changes.text()]) {
    expect(shown).toContain('published');
    expect(shown).toContain('"recalled":true');
    expect(shown).not.toContain('secret');
  }
  const ref = edit(ann, cid, recalled, 'undo');
  await ann.record.next('error', { ref, cid });
});

test('[REV-7] who may change what', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid } = room;
  const { ann, bob, cy } = await joinAll(system, room);
  const bobs = await bob.sayAndWait(cid, 'bob’s own');
  await ann.record.next('error', { ref: edit(ann, cid, bobs, 'not mine'), cid, code: 'forbidden' });
  await cy.record.next('error', { ref: recall(cy, cid, bobs), cid, code: 'forbidden' });
  await bob.record.next('error', { ref: edit(bob, cid, bobs + 100, 'x'), cid, code: 'not_found' });
  await bob.record.next('error', { ref: recall(bob, cid, bobs + 100), cid, code: 'not_found' });
  await bob.record.next('error', { ref: react(bob, cid, bobs + 100, '👍'), cid, code: 'not_found' });
  recall(ann, cid, bobs);
  await bob.record.next('update', { cid, seq: bobs, recalled: true });
});

test('[REV-8] a reaction counts once for each user', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await ann.sayAndWait(cid, 'hello');
  react(bob, cid, seq, '👍');
  react(bob, cid, seq, '👍');
  react(bob, cid, seq, '🎉', false);
  react(ann, cid, seq, '👍');
  const { rev } = await bob.record.next('update', { cid, seq, reactions: { '👍': 2 } });
  expect(rev).toBe(bob.record.of('joined')[0]!.rev + 2);
  react(bob, cid, seq, '👍', false);
  react(ann, cid, seq, '👍', false);
  await bob.record.until('none', () => bob.record.of('update', { cid, seq }).length === 4);
  const last = bob.record.of('update', { cid, seq }).at(-1)!;
  expect(last.rev).toBe(rev + 2);
  expect(last).not.toHaveProperty('reactions');
});

test('[REV-9] a change that the bus lost is noticed, the last one too', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid, tid } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await ann.sayAndWait(cid, 'draft');
  await bob.record.next('message', { cid, seq });
  const lost = await editUnpublished(system, { cid, tid }, seq, 'lost');
  await ann.record.next('update', { cid, seq, rev: lost, body: { text: 'lost' } }, { timeoutMs: NOTICED_MS });
  await bob.record.next('update', { cid, seq, rev: lost }, { timeoutMs: NOTICED_MS });
  const skipped = await editUnpublished(system, { cid, tid }, seq, 'skipped');
  react(bob, cid, seq, '👍');
  await ann.record.next('update', { cid, seq, rev: skipped + 1 });
  const revs = ann.record.of('update', { cid }).map(({ rev }) => rev);
  expect(revs).toEqual([...new Set(revs)].sort((a, b) => a - b));
});

test('[REV-10] one emoji is one reaction, however it is spelled; what is none is refused', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await ann.sayAndWait(cid, 'hello');
  react(ann, cid, seq, '❤');
  react(bob, cid, seq, '❤️');
  react(bob, cid, seq, ':Party_Parrot:');
  await bob.record.next('update', { cid, seq, reactions: { '❤️': 2, ':party_parrot:': 1 } });
  for (const bad of ['__proto__', 'constructor', '.', '..', 'thumbsup', '👍👍']) {
    await bob.record.next('error', { code: 'bad_request', cid, ref: react(bob, cid, seq, bad) });
  }
  react(bob, cid, seq, '❤︎', false);
  await ann.record.next('update', { cid, seq, reactions: { '❤️': 1, ':party_parrot:': 1 } });
});

test('[REV-11] a recalled message loses its reactions and takes none', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const seq = await ann.sayAndWait(cid, 'hello');
  react(bob, cid, seq, '👍');
  await ann.record.next('update', { cid, seq, reactions: { '👍': 1 } });
  recall(ann, cid, seq);
  expect(await bob.record.next('update', { cid, seq, recalled: true })).not.toHaveProperty('reactions');
  await bob.record.next('error', { code: 'conflict', cid, ref: react(bob, cid, seq, '👍') });
});

test('[REV-13] who has reacted, with what, the first ones first, by pages', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cyd');
  const { cid, users } = room;
  const clients = await joinAll(system, room);
  const seq = await clients.ann.sayAndWait(cid, 'what do you say?');
  const all: [TestUser, RawClient, string][] = [
    [users.bob, clients.bob, '👍'],
    [users.cyd, clients.cyd, '👍'],
    [users.bob, clients.bob, '🎉'],
  ];
  for (const [, client, emoji] of all) await client.record.next('result', { ref: react(client, cid, seq, emoji) });
  await clients.cyd.record.next('result', { ref: react(clients.cyd, cid, seq, '🎉') });
  await clients.cyd.record.next('result', { ref: react(clients.cyd, cid, seq, '🎉', false) });
  const list = (query = '') =>
    must<Page<Reaction>>('GET', `${system.api}/v1/conversations/${cid}/messages/${seq}/reactions${query}`, {
      headers: users.ann.auth,
    });
  const seen = ({ items }: Page<Reaction>) => items.map(({ user, emoji }) => [user.userId, emoji]);
  const wanted = all.map(([user, , emoji]) => [user.userId, emoji]);
  expect(seen(await list())).toEqual(wanted);
  const first = await list('?limit=2');
  const second = await list(`?limit=2&cursor=${first.next}`);
  expect([...seen(first), ...seen(second)]).toEqual(wanted);
  expect(second.next).toBe(null);
  expect(seen(await list(`?emoji=${encodeURIComponent('👍')}`))).toEqual(wanted.slice(0, 2));
});
