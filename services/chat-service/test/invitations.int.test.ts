/** Invitations of users by name. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openStore } from '../src/platform/database/connect.ts';
import { PURGES } from '../src/features/invitations/purge-expired.job.ts';
import { listen } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let sql: postgres.Sql;
let [ann, bob, cy]: TestUser[] = [];

beforeAll(async () => {
  house = await startTestService();
  sql = house.sql();
  tenant = await createTestTenant(house);
  [ann, bob, cy] = await tenant.users('ann', 'bob', 'cy');
});
afterAll(() => house.stop());

/** A channel of Ann's. */
async function newChannel(kind = 'private', participants: string[] = []): Promise<string> {
  const { status, body } = await ann!.post('/v1/conversations', {
    kind,
    name: 'plans',
    topic: 'next year',
    participants,
  });
  expect(status).toBe(201);
  return body.cid;
}

const invite = (user: TestUser | TestTenant['backEnd'], cid: string, users: string[], more: object = {}) =>
  user.post(`/v1/conversations/${cid}/invitations`, { users, ...more });
const accept = (user: TestUser, cid: string) => user.post(`/v1/conversations/${cid}/invitation/accept`);
const decline = (user: TestUser, cid: string) => user.post(`/v1/conversations/${cid}/invitation/decline`);
const mine = async (user: TestUser) => {
  const { body } = await user.get('/v1/invitations?limit=200');
  return body.items as { conversation: { cid: string }; [key: string]: unknown }[];
};
const invitationTo = async (user: TestUser, cid: string) =>
  (await mine(user)).find(({ conversation }) => conversation.cid === cid);
const lastSaid = async (cid: string) => {
  const { body } = await tenant.backEnd.get(`/v1/conversations/${cid}/messages`);
  return body.items.at(-1)?.body;
};

test('[INV-1] [CONV-4] the invited learn of it, see where it leads and from whom, and join', async () => {
  const cid = await newChannel();
  const heard = await listen(house, subjects.user(tenant.tid, bob!.uid));
  const invited = await invite(ann!, cid, ['ext:bob'], { message: 'come' });
  expect([invited.status, invited.body]).toEqual([200, { invited: [bob!.uid] }]);
  await vi.waitUntil(() => heard.length === 1, 60_000);
  expect(heard).toEqual([{ v: 1, event: 'conv', cid, conv: 'invited' }]);
  const invitation = {
    conversation: { cid, kind: 'private', name: 'plans', topic: 'next year', avatar: null },
    user: { userId: bob!.uid, displayName: 'bob' },
    invitedBy: { userId: ann!.uid, displayName: 'ann' },
    message: 'come',
    createdAt: expect.any(Number),
    expiresAt: expect.any(Number),
  };
  expect(await invitationTo(bob!, cid)).toEqual(invitation);
  expect((await ann!.get(`/v1/conversations/${cid}/invitations`)).body).toEqual({ items: [invitation], next: null });
  expect((await bob!.get(`/v1/conversations/${cid}`)).status).toBe(403);

  expect((await accept(bob!, cid)).body).toEqual({ added: [bob!.uid], access: 1 });
  expect(await lastSaid(cid)).toEqual({ event: 'joined', users: [bob!.uid], invitedBy: ann!.uid });
  await vi.waitUntil(() => heard.length === 2, 60_000);
  expect(heard[1]).toMatchObject({ conv: 'added', cid });
  expect(await invitationTo(bob!, cid)).toBeUndefined();
  // The answer may have been lost.
  expect((await accept(bob!, cid)).body).toEqual({ added: [], access: 1 });
  expect((await bob!.get(`/v1/conversations/${cid}`)).body).toMatchObject({ myRole: 'member', unread: 0 });
});

test('[INV-1] declined and revoked invitations open nothing, and the invited learn of it', async () => {
  const cid = await newChannel();
  const heard = await listen(house, subjects.user(tenant.tid, bob!.uid));
  await invite(ann!, cid, ['ext:bob', 'ext:cy']);
  expect((await decline(bob!, cid)).status).toBe(204);
  expect((await accept(bob!, cid)).body.code).toBe('not_member');
  expect((await decline(bob!, cid)).body.code).toBe('not_member');
  await invite(ann!, cid, ['ext:bob']);
  expect((await ann!.delete(`/v1/conversations/${cid}/invitations/ext:bob`)).status).toBe(204);
  expect((await ann!.delete(`/v1/conversations/${cid}/invitations/ext:bob`)).body.code).toBe('not_found');
  expect((await accept(bob!, cid)).body.code).toBe('not_member');
  await vi.waitUntil(() => heard.length === 4, 60_000);
  expect(heard.map(({ conv }) => conv)).toEqual(['invited', 'uninvited', 'invited', 'uninvited']);
  expect((await accept(cy!, cid)).body.added).toEqual([cy!.uid]);
  // Ann's own are nothing that is written down.
  expect(await sql`select from audit_log where action = 'revoke_invitation' and after->>'cid' = ${cid}`).toEqual([]);
});

test('[INV-1] [CONV-5] who may add users invites them: members of a group, admins of a private channel, nobody to a dm', async () => {
  const closed = await newChannel('private', ['ext:bob']);
  expect((await invite(bob!, closed, ['ext:cy'])).body.code).toBe('forbidden');
  expect((await invite(cy!, closed, ['ext:cy'])).body.code).toBe('not_member');
  expect((await bob!.get(`/v1/conversations/${closed}/invitations`)).body.code).toBe('forbidden');
  const { cid: dm } = (await ann!.post('/v1/conversations', { kind: 'dm', participants: ['ext:bob'] })).body;
  expect((await invite(ann!, dm, ['ext:cy'])).body.code).toBe('forbidden');
  const dora = await tenant.user('dora');
  const group = (await ann!.post('/v1/conversations', { kind: 'group', participants: ['ext:bob', 'ext:dora'] })).body
    .cid;
  expect((await invite(bob!, group, ['ext:cy'])).body.invited).toEqual([cy!.uid]);
  // Of others only an admin takes an invitation back; whoever takes part already is not invited.
  expect((await dora.delete(`/v1/conversations/${group}/invitations/ext:cy`)).body.code).toBe('forbidden');
  expect(await invitationTo(cy!, group)).toBeDefined();
  expect((await bob!.delete(`/v1/conversations/${group}/invitations/ext:cy`)).status).toBe(204);
  expect((await invite(bob!, group, ['ext:dora'])).body.invited).toEqual([]);
  expect((await invite(tenant.backEnd, closed, ['ext:cy'])).body.invited).toEqual([cy!.uid]);
  expect(await invitationTo(cy!, closed)).toMatchObject({ invitedBy: null });
  expect((await accept(cy!, closed)).status).toBe(200);
});

test('[BLK-2] nobody is invited by a user whom they have blocked', async () => {
  const cid = await newChannel('private');
  const dora = await tenant.user('dora');
  await dora.put(`/v1/users/me/blocks/${ann!.uid}`);
  expect((await invite(ann!, cid, ['ext:cy', 'ext:dora'])).body.code).toBe('blocked');
  expect(await invitationTo(cy!, cid)).toBeUndefined();
  expect((await invite(cy!, cid, ['ext:dora'])).body.code).toBe('not_member');
  expect((await invite(tenant.backEnd, cid, ['ext:dora'])).body.invited).toEqual([dora.uid]);
});

test('[INV-2] a newer invitation takes the place of the older one', async () => {
  const cid = await newChannel('private', ['ext:bob']);
  await tenant.backEnd.patch(`/v1/conversations/${cid}/participants/ext:bob`, { role: 'admin' });
  await invite(ann!, cid, ['ext:cy'], { message: 'first' });
  await invite(bob!, cid, ['ext:cy'], { message: 'second' });
  const open = (await mine(cy!)).filter(({ conversation }) => conversation.cid === cid);
  expect(open).toMatchObject([{ message: 'second', invitedBy: { userId: bob!.uid } }]);
});

test('[INV-2] an invitation is closed when it has expired, and while its maker may not add users', async () => {
  const cid = await newChannel('private', ['ext:bob']);
  const asAdmin = { role: 'admin' };
  await ann!.patch(`/v1/conversations/${cid}/participants/ext:bob`, asAdmin);
  await invite(bob!, cid, ['ext:cy']);
  await ann!.patch(`/v1/conversations/${cid}/participants/ext:bob`, { role: 'member' });
  expect((await accept(cy!, cid)).body.code).toBe('not_member');
  await ann!.delete(`/v1/conversations/${cid}/participants/ext:bob`);
  expect((await accept(cy!, cid)).body.code).toBe('not_member');
  await ann!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:bob'] });
  await ann!.patch(`/v1/conversations/${cid}/participants/ext:bob`, asAdmin);
  await sql`update invitations set expires_at = now() where conversation_id = ${cid}`;
  expect((await accept(cy!, cid)).body.code).toBe('not_member');
  expect(await invitationTo(cy!, cid)).toBeUndefined();
  await invite(bob!, cid, ['ext:cy']);
  expect((await accept(cy!, cid)).status).toBe(200);
});

test('[INV-2] an invitation is closed while its maker is deactivated', async () => {
  const eve = await tenant.user('eve-2');
  const cid = await newChannel('private', [eve.uid]);
  await ann!.patch(`/v1/conversations/${cid}/participants/${eve.uid}`, { role: 'admin' });
  await invite(eve, cid, ['ext:cy']);
  await tenant.backEnd.patch(`/v1/users/${eve.uid}`, { deactivated: true });
  expect((await accept(cy!, cid)).body.code).toBe('not_member');
  await tenant.backEnd.patch(`/v1/users/${eve.uid}`, { deactivated: false });
  expect((await accept(cy!, cid)).status).toBe(200);
});

test('[INV-2] whoever comes in by another way and is removed does not come back by what was open before', async () => {
  const waysIn = [
    (cid: string) => ann!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:cy'] }),
    (cid: string) => cy!.post(`/v1/conversations/${cid}/join`),
  ];
  for (const comeIn of waysIn) {
    const cid = await newChannel('public');
    await invite(ann!, cid, ['ext:cy']);
    expect((await comeIn(cid)).body.added).toEqual([cy!.uid]);
    expect((await ann!.delete(`/v1/conversations/${cid}/participants/ext:cy`)).status).toBe(204);
    expect(await invitationTo(cy!, cid)).toBeUndefined();
    expect((await accept(cy!, cid)).body.code).toBe('not_member');
  }
});

test('[INV-1] [SEQ-2] invitations, answers to them and links of one conversation at the same time wait for nobody for ever', async () => {
  const eve = await tenant.user('eve-3');
  for (let n = 0; n < 25; n += 1) {
    const cid = await newChannel();
    await invite(ann!, cid, ['ext:bob', 'ext:cy', eve.uid]);
    const answers = await Promise.all([
      accept(bob!, cid),
      invite(ann!, cid, [eve.uid, 'ext:cy', 'ext:bob']),
      accept(cy!, cid),
      ann!.post(`/v1/conversations/${cid}/links`, {}),
      invite(tenant.backEnd, cid, ['ext:cy', eve.uid, 'ext:bob']),
      decline(eve, cid),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 201, 200, 204]);
    // Who takes part is not invited.
    expect(
      (await ann!.get(`/v1/conversations/${cid}/invitations`)).body.items.map((each: { user: object }) => each.user),
    ).not.toContainEqual(expect.objectContaining({ userId: bob!.uid }));
  }
});

test('[INV-2] a banned user is not invited, and one who is banned meanwhile does not come in', async () => {
  const cid = await newChannel();
  await invite(ann!, cid, ['ext:bob']);
  const ban = { conversation_id: cid, user_id: bob!.uid, tenant_id: tenant.tid, banned_by: ann!.uid };
  await sql`insert into conversation_bans ${sql(ban)}`;
  expect((await accept(bob!, cid)).body.code).toBe('forbidden');
  expect((await invite(ann!, cid, ['ext:cy', 'ext:bob'])).body.code).toBe('forbidden');
  expect(await invitationTo(cy!, cid)).toBeUndefined();
  await sql`delete from conversation_bans where conversation_id = ${cid}`;
  expect((await accept(bob!, cid)).status).toBe(200);
});

test('[INV-6] as many invitations of a user are open as may be, however many come at the same time', async () => {
  const eve = await tenant.user('eve');
  const full = LIMITS.invitationsPerUser;
  const cids = await Promise.all(Array.from({ length: 4 }, () => newChannel()));
  await sql`
    with made as (
      insert into conversations (conversation_id, tenant_id, kind, created_by)
      select gen_random_uuid(), ${tenant.tid}, 'private', ${ann!.uid} from generate_series(1, ${full - 2})
      returning conversation_id
    )
    insert into invitations (conversation_id, user_id, tenant_id, expires_at)
    select conversation_id, ${eve.uid}, ${tenant.tid}, now() + interval '1 day' from made`;
  const answers = await Promise.all(cids.map((cid) => invite(ann!, cid, ['ext:eve'])));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 413, 413]);
  expect(await mine(eve)).toHaveLength(full);
  // Pages hold each once.
  const seen: string[] = [];
  for (let path: string | undefined = '/v1/invitations?limit=70'; path !== undefined;) {
    const { body }: { body: { items: { conversation: { cid: string } }[]; next: string | null } } = await eve.get(path);
    seen.push(...body.items.map(({ conversation }) => conversation.cid));
    path = body.next === null ? undefined : `/v1/invitations?limit=70&cursor=${body.next}`;
  }
  expect([seen.length, new Set(seen).size]).toEqual([full, full]);
});

test('[HOOK-5] what has expired is purged, and with a conversation what leads to it', async () => {
  const [expired, deleted, open] = await Promise.all([newChannel(), newChannel(), newChannel()]);
  for (const cid of [expired, deleted, open]) {
    await invite(ann!, cid, ['ext:cy']);
    await ann!.post(`/v1/conversations/${cid}/links`, {});
    await bob!.post(`/v1/conversations/${cid}/join-requests`, {});
  }
  await sql`update invitations set expires_at = now() where conversation_id = ${expired}`;
  await sql`update invitation_links set expires_at = now() where conversation_id = ${expired}`;
  await sql`update join_requests set expires_at = now() where conversation_id = ${expired}`;
  await tenant.backEnd.put(`/v1/default-channels/${deleted}`);
  await ann!.delete(`/v1/conversations/${deleted}`);
  expect(await invitationTo(cy!, deleted)).toBeUndefined();
  const left = async () => {
    const rows = await sql<{ cid: string }[]>`
      select conversation_id as cid from invitations union all select conversation_id from invitation_links
      union all select conversation_id from join_requests union all select conversation_id from default_channels`;
    return rows.map(({ cid }) => cid).filter((cid) => [expired, deleted, open].includes(cid));
  };
  expect(await left()).toHaveLength(10);
  await sql`insert into jobs (tenant_id, kind, payload, ready) values (${randomUUID()}, 'purge invitations', '{}', true)`;
  await vi.waitUntil(async () => !(await left()).includes(expired), 60_000);
  // The purge of the conversation is due an hour later.
  await sql`
    update jobs set run_at = now(), ready = true
    where kind = 'saga' and payload ->> 'id' in (select id::text from sagas where subject = ${deleted})`;
  await vi.waitUntil(async () => !(await left()).includes(deleted), 60_000);
  expect(await left()).toEqual([open, open, open]);
});

test('[HOOK-5] what has expired is found by indexes of expiries', async () => {
  const store = openStore({ url: house.config.databaseUrl, poolSize: 1 });
  onTestFinished(() => store.close());
  const plans = await store.sql.begin(async (tx) => {
    await tx`set local enable_seqscan = off`;
    const found: string[] = [];
    for (const purge of PURGES) found.push(JSON.stringify(await tx`explain (format json) ${purge(tx)}`));
    return found;
  });
  const indexes = plans.map((plan) => [...plan.matchAll(/"Index Name":"(\w+_expiry)"/g)].map(([, name]) => name));
  expect(indexes).toEqual([['invitations_expiry'], ['invitation_links_expiry'], ['join_requests_expiry']]);
});
