/** What the service itself says in a conversation (SYS). */
import { type HistoryPage, SYS_EVENTS, type SysEvent, sysBodyOf } from '@messagecore/protocol/features';
import { must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

test('[SYS-1] every event has the fields of its own and no others, and there is none beside these', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cyd');
  const { ann, bob, cyd } = users;
  const url = `${system.api}/v1/conversations/${cid}`;
  const by = <T>(user: Pick<TestUser, 'auth'>, method: string, path: string, body: object = {}) =>
    must<T>(method, `${url}${path}`, { headers: user.auth, body });
  const [dan, eve, flo] = [await tenant.user('dan'), await tenant.user('eve'), await tenant.user('flo')];
  await by(ann, 'POST', '/participants', { users: [dan.userId], role: 'admin' });
  await by(ann, 'POST', '/participants', { users: [flo.userId] });
  await by(ann, 'POST', '/invitations', { users: [eve.userId] });
  await by(eve, 'POST', '/invitation/accept');
  await by(ann, 'PATCH', `/participants/${bob.userId}`, { role: 'admin' });
  await by(ann, 'PATCH', `/participants/${cyd.userId}`, { mutedUntil: Date.now() + 3_600_000 });
  await by(ann, 'PATCH', `/participants/${cyd.userId}`, { mutedUntil: null });
  await by(ann, 'PATCH', '', { name: 'new name', topic: 'and topic' });
  await by(ann, 'PATCH', '', { topic: null });
  await by(ann, 'PATCH', '', { history: 'since_joining' });
  await by(ann, 'PATCH', '', { posting: 'admins', slowSeconds: 10 });
  await by(ann, 'PATCH', '', { avatar: 'https://example.com/a.png' });
  await by(ann, 'PATCH', '', { archived: true });
  await by({ auth: tenant.backEnd }, 'PATCH', '', { archived: false });
  await by(ann, 'DELETE', `/participants/${cyd.userId}`);
  await by(ann, 'PUT', `/bans/${flo.userId}`);
  await by(ann, 'POST', '/leave');
  await by({ auth: tenant.backEnd }, 'PATCH', `/participants/${dan.userId}`, { role: 'owner' });

  const asAnn = { headers: ann.auth };
  const conversations = `${system.api}/v1/conversations`;
  const stage = await must<{ cid: string }>('POST', conversations, { ...asAnn, body: { kind: 'public', name: 'x' } });
  await must('PATCH', `${conversations}/${stage.cid}`, { ...asAnn, body: { openToListeners: true } });

  const pages = await Promise.all(
    [url, `${conversations}/${stage.cid}`].map((at) =>
      must<HistoryPage>('GET', `${at}/messages?limit=200`, { headers: tenant.backEnd }),
    ),
  );
  const items = pages.flatMap((page) => page.items);
  const bodies = items.filter(({ kind }) => kind === 'sys').map(({ body }) => body as { event: SysEvent });
  for (const body of bodies)
    expect(sysBodyOf(body.event).safeParse(body), JSON.stringify(body)).toMatchObject({ success: true });
  expect([...new Set(bodies.map(({ event }) => event))].toSorted()).toEqual(Object.keys(SYS_EVENTS).toSorted());
});
