/** Blocking, as sessions see it (BLK). */
import { must, type RawClient, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const userIdOf = ({ userId }: TestUser) => userId;

test('[USER-4] whoever watches a user hears of a changed profile, at both gateways, and nobody else', async () => {
  const [tenant, other] = await Promise.all([system.tenant(), system.tenant()]);
  const [ann, bob, carol, dora] = await tenant.users('ann', 'bob', 'carol', 'dora');
  const [eve, kim] = await other.users('eve', 'kim');
  const watching = await Promise.all([bob!, bob!, eve!].map((user, n) => system.connect(user, { gateway: n % 2 })));
  const idle = await system.connect(carol!);
  for (const session of watching) session.sendFrame({ t: 'watch', users: [ann!, dora!, kim!].map(userIdOf) });
  idle.sendFrame({ t: 'watch', users: [dora!.userId] });
  for (const session of [...watching, idle]) await session.settle();
  const change = ({ auth }: TestUser, body: object) =>
    must('PATCH', `${system.api}/v1/users/me`, { headers: auth, body });
  const of = ({ userId }: TestUser) => ({ t: 'event', event: 'profile.changed', data: { userId } });
  await change(ann!, { status: { text: 'away' } });
  for (const session of watching.slice(0, 2)) expect(await session.record.next('event')).toEqual(of(ann!));
  watching[0]!.sendFrame({ t: 'unwatch', users: [ann!.userId] });
  await watching[0]!.settle();
  await change(ann!, { displayName: 'Annie' });
  // Changes that they do hear of, and that come later.
  for (const user of [dora!, kim!]) await change(user, { displayName: 'Last' });
  const told: [RawClient, TestUser[]][] = [
    [watching[0]!, [ann!, dora!]],
    [watching[1]!, [ann!, ann!, dora!]],
    [watching[2]!, [kim!]],
    [idle, [dora!]],
  ];
  for (const [session, users] of told) {
    await session.record.until('the last change', () => session.record.of('event').length >= users.length);
    await session.settle();
    expect(session.record.of('event')).toEqual(users.map(of));
  }
});

test('[USER-4] whoever watches a user hears nothing of a change that changes nothing', async () => {
  const tenant = await system.tenant();
  const [ann, bob] = await tenant.users('ann', 'bob');
  const session = await system.connect(bob!);
  session.sendFrame({ t: 'watch', users: [ann!.userId] });
  await session.settle();
  const change = (body: object) => must('PATCH', `${system.api}/v1/users/me`, { headers: ann!.auth, body });
  const changes = [{ displayName: 'Annie' }, { bio: 'here' }, { status: { text: 'away', emoji: null, until: null } }];
  await change({ bio: null, status: null });
  for (const body of changes) for (let n = 0; n < 3; n += 1) await change(body);
  await change({ displayName: 'Annie', bio: 'here', timeZone: null, status: changes[2]!.status });
  await change({ displayName: 'Ann', bio: 'gone' });
  const { record } = session;
  await record.until('the last change', () => record.of('event').length >= changes.length + 1);
  await session.settle();
  expect(record.of('event').length).toBe(changes.length + 1);
});

test('[USER-2] [USER-4] a guest hears of those alone with whom it shares a conversation, while it does', async () => {
  const tenant = await system.tenant();
  const [ann, bob, carol, guest] = await tenant.users('ann', 'bob', 'carol', 'guest');
  await system.sql`update users set role = 'guest' where id = ${guest!.userId}`;
  const cid = await tenant.channel(ann!, guest!);
  await tenant.channel(carol!, guest!);
  const sessions = await Promise.all([0, 1].map((gateway) => system.connect(guest!, { gateway })));
  const member = await system.connect(ann!);
  for (const session of [...sessions, member]) {
    session.sendFrame({ t: 'watch', users: [ann!.userId, bob!.userId, carol!.userId] });
    await session.settle();
  }
  const change = ({ auth }: { auth: Record<string, string> }, bio: string) =>
    must('PATCH', `${system.api}/v1/users/me`, { headers: auth, body: { bio } });
  const heard = async (user: { userId: string }, times: number) => {
    const of = () =>
      member.record.of('event').filter(({ data }) => (data as { userId: string }).userId === user.userId);
    await member.record.until('the change', () => of().length === times);
  };
  await change(bob!, 'one');
  await heard(bob!, 1);
  await change(ann!, 'one');
  for (const session of sessions)
    expect(await session.record.next('event')).toMatchObject({ data: { userId: ann!.userId } });
  await must('DELETE', `${system.api}/v1/conversations/${cid}/participants/${guest!.userId}`, { headers: ann!.auth });
  await change(ann!, 'two');
  await heard(ann!, 2);
  // A gateway asks whom a guest sees before it tells it anything: a later change shows that it has.
  await change(carol!, 'one');
  for (const session of sessions) {
    const told = () => session.record.of('event').map(({ data }) => (data as { userId: string }).userId);
    await session.record.until('the last change', () => told().includes(carol!.userId));
    await session.settle();
    expect(told()).toEqual([ann!.userId, carol!.userId]);
  }
});

test('[BLK-1] a block closes the dm in all sessions of both, at both gateways, and unblocking opens it', async () => {
  const tenant = await system.tenant();
  const [ann, bob] = await tenant.users('ann', 'bob');
  const dm = { headers: ann!.auth, body: { kind: 'dm', participants: [bob!.userId] } };
  const { cid } = await must<{ cid: string }>('POST', `${system.api}/v1/conversations`, dm);
  const sessions = await Promise.all(
    [ann!, ann!, bob!, bob!].map((user, n) => system.connect(user, { gateway: n % 2 })),
  );
  for (const session of sessions) await session.join(cid);
  const block = (method: string) =>
    must(method, `${system.api}/v1/users/me/blocks/${bob!.userId}`, { headers: ann!.auth });
  await block('PUT');
  for (const session of sessions) {
    const mid = session.say(cid, 'refused');
    expect(await session.record.next('error', { ref: mid })).toMatchObject({ code: 'muted' });
    expect(await session.record.next('conv', { cid, event: 'muted' })).toMatchObject({
      users: [ann!.userId, bob!.userId].toSorted(),
    });
    session.sendFrame({ t: 'typing', cid, on: true });
    expect(await session.record.next('error', { cid })).toMatchObject({ code: 'muted' });
  }
  await block('DELETE');
  let last = '';
  for (const session of sessions) {
    last = session.say(cid, 'taken');
    expect(await session.record.next('ack', { mid: last })).toMatchObject({ cid });
  }
  for (const { record } of sessions) {
    await record.next('message', { cid, mid: last });
    expect(record.messages(cid).map(({ body }) => body)).toEqual(sessions.map(() => ({ text: 'taken' })));
  }
});
