/** What participants hear of a conversation that they have not joined (SIG-4, SIG-5). */
import { randomUUID } from 'node:crypto';
import { must, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

/** Two sessions at two gateways that join nothing. */
const everywhere = (user: TestUser) => Promise.all([0, 1].map((gateway) => system.connect(user, { gateway })));

test('[SIG-4] every change reaches every session of every participant, joined or not, and each once', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob', 'cy');
  const dan = await tenant.user('dan');
  const [anns, bobs, cys, dans] = await Promise.all([
    ...[everywhere(users.ann), everywhere(users.bob), everywhere(users.cy), everywhere(dan)],
  ] as const);
  await bobs[1]!.join(cid);
  const url = `${system.api}/v1/conversations/${cid}`;
  const as = (body?: object) => ({ headers: users.ann.auth, ...(body && { body }) });
  const member = `${url}/participants/${users.cy.userId}`;
  await must('PATCH', url, as({ name: 'renamed' }));
  await must('PATCH', url, as({ topic: 'a topic' }));
  await must('PATCH', url, as({ archived: true }));
  await must('PATCH', url, as({ archived: false }));
  await must('POST', `${url}/participants`, as({ users: [dan.userId] }));
  await must('PATCH', member, as({ role: 'admin' }));
  await must('PATCH', member, as({ mutedUntil: Date.now() + 60_000 }));
  await must('DELETE', `${url}/participants/${dan.userId}`, as());
  await must('DELETE', url, as());

  const [cy, justDan] = [users.cy.userId, [dan.userId]];
  const told = [
    ...['changed', 'changed', 'changed', 'changed'].map((event) => ({ event })),
    ...[
      { event: 'added', users: justDan },
      { event: 'role', users: [cy] },
      { event: 'muted', users: [cy] },
    ],
    ...[{ event: 'removed', users: justDan }, { event: 'deleted' }],
  ];
  for (const session of [...anns, ...bobs]) {
    await session.record.next('conv', { cid, event: 'deleted' });
    const heard = session.record.of('conv', { cid }).map((frame) => [frame.event, frame.users]);
    // Whose own place it is, is told without names.
    const named = heard.map(([event, names]) => [event, event === 'deleted' ? undefined : names]);
    expect(named).toEqual(told.map((each) => [each.event, 'users' in each ? each.users : undefined]));
  }
  for (const session of cys) {
    await session.record.next('conv', { cid, event: 'deleted' });
    expect(session.record.of('conv', { cid }).map(({ event }) => event)).toEqual(told.map(({ event }) => event));
  }
  for (const session of dans) {
    await session.record.next('conv', { cid, event: 'removed' });
    await session.settle();
    const after = ['added', 'role', 'muted', 'removed'];
    expect(session.record.of('conv', { cid }).map(({ event }) => event)).toEqual(after);
  }
});

test('[SIG-4] who has been removed hears no more, and a stranger nothing', async () => {
  const { cid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const [bobs, strangers] = [await everywhere(users.bob), await everywhere(await tenant.user('stranger'))];
  const anns = await everywhere(users.ann);
  const url = `${system.api}/v1/conversations/${cid}`;
  await must('DELETE', `${url}/participants/${users.bob.userId}`, { headers: users.ann.auth });
  await must('PATCH', url, { headers: users.ann.auth, body: { topic: 'without bob' } });
  for (const session of anns) await session.record.next('conv', { cid, event: 'changed' });
  for (const session of [...bobs, ...strangers]) await session.settle();
  for (const session of bobs) expect(session.record.of('conv').map(({ event }) => event)).toEqual(['removed']);
  for (const session of strangers) expect(session.record.of('conv')).toEqual([]);
});

/** Users who never connect, and take part. */
async function addMany(tid: string, cid: string, count: number): Promise<string[]> {
  const uids = Array.from({ length: count }, () => randomUUID());
  await system.sql`
    insert into users (id, tenant_id, display_name) select uid, ${tid}, 'U' from unnest(${uids}::uuid[]) as uid`;
  await system.sql`
    insert into participants (conversation_id, user_id, tenant_id)
    select ${cid}, uid, ${tid} from unnest(${uids}::uuid[]) as uid`;
  return uids;
}

test('[SIG-5] in a large conversation the changes of a moment are told together', async () => {
  const { cid, tid, users, tenant } = await newRoom(system, 'ann', 'bob');
  const many = await addMany(tid, cid, 2_500);
  const newcomers = await tenant.users(...Array.from({ length: 12 }, (_, n) => `new ${n}`));
  const [anns, bobs] = [await everywhere(users.ann), await everywhere(users.bob)];
  await bobs[1]!.join(cid);
  const url = `${system.api}/v1/conversations/${cid}`;
  const post = (ids: readonly string[]) =>
    must('POST', `${url}/participants`, { headers: users.ann.auth, body: { users: ids } });
  await Promise.all([
    ...newcomers.map(({ userId }) => post([userId])),
    must('PATCH', url, { headers: users.ann.auth, body: { topic: 'crowded' } }),
  ]);
  const ids = newcomers.map(({ userId }) => userId).toSorted();
  for (const { record } of [...anns, bobs[0]!]) {
    const told = (event: string) => record.of('conv', { cid }).filter((frame) => frame.event === event);
    const added = () => [...new Set(told('added').flatMap((frame) => frame.users ?? []))];
    await record.until('all newcomers', () => added().length === ids.length && told('changed').length > 0);
    expect(added().toSorted()).toEqual(ids);
  }
  await bobs[1]!.record.until('each change', () => bobs[1]!.record.of('conv', { cid }).length === ids.length + 1);

  // A hundred and more are not named.
  await system.sql`delete from participants where conversation_id = ${cid} and user_id = any(${many.slice(0, 130)})`;
  await post(many.slice(0, 130));
  for (const { record } of [...anns, bobs[0]!]) await record.next('conv', { cid, event: 'participants' });

  await must('DELETE', url, { headers: users.ann.auth });
  for (const { record } of [...anns, ...bobs]) await record.next('conv', { cid, event: 'deleted' });
  for (const session of bobs) await session.settle();
  expect(bobs[1]!.record.of('conv', { cid, event: 'deleted' })).toHaveLength(1);
});
