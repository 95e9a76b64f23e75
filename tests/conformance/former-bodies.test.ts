/** What edits and recalls have replaced (MSG-3). */
import type { FormerBody, Page } from '@messagecore/protocol/features';
import { call, must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const urlOf = (cid: string, seq: number) => `${system.api}/v1/conversations/${cid}/messages/${seq}`;
const edit = (user: TestUser, cid: string, seq: number, text: string) =>
  must('PATCH', urlOf(cid, seq), { headers: user.auth, body: { body: { text } } });
const trail = (headers: TestUser['auth'], cid: string, seq: number, query = '') =>
  call<Page<FormerBody> & { readonly code?: string }>('GET', `${urlOf(cid, seq)}/edits${query}`, { headers });

test('[REV-15] the sender, admins and the back end see what edits replaced, by pages', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cy');
  const bob = await system.connect(users.bob);
  const seq = await bob.sayAndWait(cid, 'first');
  for (const text of ['second', 'third', 'fourth']) await edit(users.bob, cid, seq, text);
  const expected = ['first', 'second', 'third'].map((text, n) => ({
    ...{ rev: n + 1, action: 'edit', body: { text } },
    by: { userId: users.bob.userId, displayName: expect.any(String) },
    at: expect.any(Number),
  }));
  for (const headers of [users.bob.auth, users.ann.auth, tenant.backEnd]) {
    expect((await trail(headers, cid, seq)).body).toEqual({ items: expected, next: null });
  }
  const page = (await trail(users.bob.auth, cid, seq, '?limit=2')).body;
  expect(page.items).toEqual(expected.slice(0, 2));
  expect((await trail(users.bob.auth, cid, seq, `?limit=2&cursor=${page.next}`)).body).toEqual({
    items: expected.slice(2),
    next: null,
  });
  expect((await trail(users.cy.auth, cid, seq)).body).toMatchObject({ code: 'forbidden' });
  const outsider = await tenant.user('eve');
  expect((await trail(outsider.auth, cid, seq)).body).toMatchObject({ code: 'not_member' });
});

test('[REV-6] [REV-15] what a recalled message said is shown to the back end alone', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const bob = await system.connect(users.bob);
  const seq = await bob.sayAndWait(cid, 'first');
  await edit(users.bob, cid, seq, 'second');
  await must('DELETE', urlOf(cid, seq), { headers: users.bob.auth });
  const bodies = async (headers: TestUser['auth']) =>
    (await trail(headers, cid, seq)).body.items.map(({ action, body }) => [action, body]);
  for (const user of [users.ann, users.bob]) {
    expect(await bodies(user.auth)).toEqual([
      ['edit', null],
      ['recall', null],
    ]);
  }
  expect(await bodies(tenant.backEnd)).toEqual([
    ['edit', { text: 'first' }],
    ['recall', { text: 'second' }],
  ]);
});

test('[REV-15] a page ends by its bytes, and goes on', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'first');
  // Of three bytes a character: 25 of them are more than a page.
  const long = (n: number) => `${n} ${'漢'.repeat(15_000)}`;
  for (let n = 1; n <= 30; n += 1) await edit(users.ann, cid, seq, long(n));
  const first = (await trail(users.ann.auth, cid, seq, '?limit=100')).body;
  expect(first.items.length).toBeGreaterThan(10);
  expect(first.items.length).toBeLessThan(30);
  const second = (await trail(users.ann.auth, cid, seq, `?limit=100&cursor=${first.next}`)).body;
  expect([...first.items, ...second.items].map(({ rev }) => rev)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  expect(second.next).toBeNull();
});
