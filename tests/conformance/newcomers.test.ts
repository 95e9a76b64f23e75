import type { Conversation } from '@messagecore/protocol/features';
import { call, must, SseClient, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fill, newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
const streams: SseClient[] = [];

beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await system.stop();
});

const url = (cid: string, rest = '') => `${system.api}/v1/conversations/${cid}${rest}`;
const show = (cid: string, user: TestUser, history: string) =>
  must<Conversation>('PATCH', url(cid), { headers: user.auth, body: { history } });
const add = (cid: string, by: TestUser, user: TestUser) =>
  must('POST', url(cid, '/participants'), { headers: by.auth, body: { users: [user.userId] } });
const remove = (cid: string, by: TestUser, user: TestUser) =>
  must('DELETE', url(cid, `/participants/${user.userId}`), { headers: by.auth });
const read = <T>(cid: string, user: TestUser, rest = '') => must<T>('GET', url(cid, rest), { headers: user.auth });

interface Page {
  readonly items: readonly { readonly seq: number }[];
  readonly first: number;
}

/** A room of ann and bob with a past, that shows newcomers nothing of it; `first` is where cy begins, who came last. */
async function roomWithPast(said = 12) {
  const { tenant, cid, users } = await newRoom(system, 'ann', 'bob');
  await show(cid, users.ann, 'since_joining');
  const ann = await system.connect(users.ann);
  await ann.join(cid);
  const past = await fill(ann, cid, said);
  const cy = await tenant.user('cy');
  await add(cid, users.ann, cy);
  const first = past + 1;
  const now = await ann.sayAndWait(cid, 'welcome');
  return { tenant, cid, users, ann, cy, past, first, now };
}

describe.each(['json', 'msgpack'] as const)('over WebSocket, %s', (encoding) => {
  test('[HIST-1] [HIST-2] a newcomer is given what was said since, whatever it asks for', async () => {
    const { cid, users, ann, cy, past, first, now } = await roomWithPast();
    const session = await system.connect(cy, { gateway: 1, encoding });
    expect(await session.join(cid, { since: 2, rev: 0 })).toMatchObject({ head: now, first });
    await session.record.next('message', { cid, seq: now });
    expect(session.record.of('gap')).toEqual([{ t: 'gap', cid, from: 3, to: past, reason: 'expired' }]);
    expect(session.record.seqs(cid)).toEqual([first, now]);

    // Changes of the past are none of theirs, live ones neither; others get them.
    const bob = await system.connect(users.bob, { gateway: 1, encoding });
    await bob.join(cid);
    for (const [seq, text] of [
      [past - 1, 'of old'],
      [past, 'of old, too'],
      [now, 'welcome!'],
    ] as const) {
      ann.sendFrame({ t: 'edit', cid, seq, body: { text }, ref: `${seq}` });
      await bob.record.next('update', { cid, seq });
    }
    await session.record.next('update', { cid, seq: now });
    expect(session.record.of('update').map(({ seq }) => seq)).toEqual([now]);

    const again = await system.connect(cy, { gateway: 0, encoding });
    expect(await again.join(cid, { since: now, rev: 0 })).toMatchObject({ head: now, first, rev: 3 });
    const next = await ann.sayAndWait(cid, 'and on');
    await again.record.next('message', { cid, seq: next });
    expect(again.record.of('update').map(({ seq }) => seq)).toEqual([now]);
  });

  test('[HIST-1] whoever was there from the beginning sees all of it', async () => {
    const { cid, users, now } = await roomWithPast();
    const bob = await system.connect(users.bob, { encoding });
    expect(await bob.join(cid, { since: 0 })).toMatchObject({ first: 1 });
    await bob.record.next('message', { cid, seq: now });
    expect(bob.record.seqs(cid)).toEqual(range(1, now));
  });
});

test('[HIST-1] whoever comes back begins anew', async () => {
  const { cid, users, ann, cy, first, now } = await roomWithPast();
  const session = await system.connect(cy);
  await session.join(cid, { since: 0 });
  await session.record.next('message', { cid, seq: now });
  await remove(cid, users.ann, cy);
  await session.record.next('conv', { cid, event: 'removed' });
  const away = await ann.sayAndWait(cid, 'without cy');
  await add(cid, users.ann, cy);
  const back = await ann.sayAndWait(cid, 'with cy');
  const joined = await session.join(cid, { since: now });
  expect(joined.first).toBe(away + 1);
  await session.record.next('message', { cid, seq: back });
  // The message that tells of the removal was stored with it, and may have come just before `removed`.
  const removal = now + 1;
  const seqs = session.record.seqs(cid).filter((seq) => seq !== removal);
  expect(seqs).toEqual([first, now, away + 1, back]);
  expect(session.record.of('gap').at(-1)).toEqual({ t: 'gap', cid, from: removal, to: away, reason: 'expired' });
});

test('[HIST-2] the same over an event stream', async () => {
  const { cid, ann, cy, past, first, now } = await roomWithPast();
  const stream = await SseClient.start({ url: system.sse(1), token: cy.token, from: [{ cid, since: 0 }] });
  streams.push(stream);
  await stream.record.next('message', { cid, seq: now });
  expect(stream.record.of('joined')).toMatchObject([{ cid, first }]);
  expect(stream.record.of('gap')).toEqual([{ t: 'gap', cid, from: 1, to: past, reason: 'expired' }]);
  ann.sendFrame({ t: 'edit', cid, seq: past, body: { text: 'of old' }, ref: 'past' });
  ann.sendFrame({ t: 'edit', cid, seq: now, body: { text: 'welcome!' }, ref: 'now' });
  await stream.record.next('update', { cid, seq: now });
  expect(stream.record.of('update').map(({ seq }) => seq)).toEqual([now]);
  expect(stream.record.seqs(cid)).toEqual([first, now]);
});

test('[HIST-2] and over HTTP: pages, changes, the list, and changes of what one may not see', async () => {
  const { cid, users, ann, cy, past, first, now } = await roomWithPast();
  for (const seq of [past, now]) ann.sendFrame({ t: 'edit', cid, seq, body: { text: 'edited' }, ref: `${seq}` });
  await ann.record.next('update', { cid, seq: now });
  const seqs = async (user: TestUser, query: string) =>
    (await read<Page>(cid, user, query)).items.map(({ seq }) => seq);
  for (const query of ['', '?after=0', `?around=${first}`, '?around=1', `?before=${now + 1}`]) {
    expect([query, await seqs(cy, `/messages${query}`)]).toEqual([query, [first, now]]);
  }
  expect(await seqs(cy, `/messages?before=${first}`)).toEqual([]);
  expect((await read<Page>(cid, cy, '/messages')).first).toBe(first);
  expect(await seqs(cy, '/changes?after=0')).toEqual([now]);
  expect(await seqs(users.bob, '/changes?after=0')).toEqual([past, now]);
  expect(await read<Conversation>(cid, cy)).toMatchObject({ history: 'since_joining', first, unread: 1 });
  expect(await read<Conversation>(cid, users.bob)).toMatchObject({ first: 1 });

  const react = (seq: number) =>
    call('PUT', url(cid, `/messages/${seq}/reactions/${encodeURIComponent('👍')}`), { headers: cy.auth });
  expect((await react(past)).body.code).toBe('not_found');
  expect((await react(now)).status).toBe(200);
});

test('[HIST-2] one’s own words can be taken back all the same', async () => {
  const { cid, users } = await roomWithPast();
  const bob = await system.connect(users.bob);
  const own = await bob.sayAndWait(cid, 'I should not have');
  await remove(cid, users.ann, users.bob);
  await add(cid, users.ann, users.bob);
  const edit = { headers: users.bob.auth, body: { body: { text: 'better' } } };
  expect((await call('PATCH', url(cid, `/messages/${own}`), edit)).body.code).toBe('not_found');
  expect((await call('DELETE', url(cid, `/messages/${own}`), { headers: users.bob.auth })).status).toBe(200);
});

test('[HIST-3] who decides it, when it counts, and what it does not take away', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const { cid } = await must<Conversation>('POST', `${system.api}/v1/conversations`, {
    headers: users.ann.auth,
    body: { kind: 'group', history: 'since_joining', participants: [users.bob.userId, users.cy.userId] },
  });
  const ann = await system.connect(users.ann);
  await ann.sayAndWait(cid, 'the past');
  const dan = await tenant.user('dan');
  await add(cid, users.ann, dan);
  expect(await read<Conversation>(cid, dan)).toMatchObject({ history: 'since_joining', first: 2 });
  const byBob = await call('PATCH', url(cid), { headers: users.bob.auth, body: { history: 'all' } });
  expect([byBob.status, byBob.body.code]).toEqual([403, 'forbidden']);
  expect(await show(cid, users.ann, 'all')).toMatchObject({ history: 'all', first: 1 });
  expect(await read<Conversation>(cid, dan)).toMatchObject({ history: 'all', first: 1 });
  const eve = await tenant.user('eve');
  await add(cid, users.ann, eve);
  await show(cid, users.ann, 'since_joining');
  expect(await read<Conversation>(cid, eve)).toMatchObject({ first: 1 });

  const dm = { kind: 'dm', participants: [users.bob.userId] };
  const asked = await call('POST', `${system.api}/v1/conversations`, {
    headers: users.ann.auth,
    body: { ...dm, history: 'since_joining' },
  });
  expect([asked.status, asked.body.code]).toEqual([400, 'bad_request']);
  const made = await must<Conversation>('POST', `${system.api}/v1/conversations`, {
    headers: users.ann.auth,
    body: dm,
  });
  const later = await call('PATCH', url(made.cid), { headers: users.ann.auth, body: { history: 'since_joining' } });
  expect([later.status, later.body.code]).toEqual([403, 'forbidden']);
});
