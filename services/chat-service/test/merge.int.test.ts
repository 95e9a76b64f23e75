/** Merging two users: what goes over, and that a merge that fails leaves nothing behind. */
import { createUlid } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startJobRunner } from '../src/platform/jobs/job-runner.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { anySaga } from '../src/platform/sagas/saga.ts';
import { sagaJobs } from '../src/platform/sagas/sagas.ts';
import { blocks } from '../src/core/conversations/merge-blocks.ts';
import type { MergePart } from '../src/core/users/merge.saga.ts';
import { createFollows } from '../src/features/follows/feature.ts';
import { unfollow } from '../src/features/follows/follow.ts';
import { mergeFollows } from '../src/features/follows/merge-follows.ts';
import { mergeMentions } from '../src/features/mentions/merge-mentions.ts';
import { mergeWays } from '../src/features/invitations/merge-ways.ts';
import { createFeatures, type Feature } from '../src/roles/features.ts';
import { mergeOfUsers } from '../src/roles/jobs.ts';
import { lockWaits } from './locks.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
/** As the product has them. */
let features: readonly Feature[];
let tenant: TestTenant;
/** `old` is merged into `ann`. */
let old: TestUser;
let ann: TestUser;
let bob: TestUser;
let carol: TestUser;
beforeAll(async () => {
  // Sagas run where a test starts them.
  house = await startTestService({ roles: new Set(['api', 'relay']) }, {}, async (deps) => {
    features = await createFeatures(deps);
    return features;
  });
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  [old, ann] = [await tenant.user('old', { clientId: 'phone' }), await tenant.user('ann')];
  [bob, carol] = [await tenant.user('bob'), await tenant.user('carol')];
});

const log = createLogger({ name: 'test', level: 'silent' });
const newMid = createUlid();
const create = async (user: TestUser, body: object): Promise<string> =>
  (await user.post('/v1/conversations', body)).body.cid;
const say = async (user: TestUser, cid: string, ...mentioned: TestUser[]) => {
  const text = ['hi', ...mentioned.map(({ uid }) => `<@${uid}>`)].join(' ');
  const message = { mid: newMid(), kind: 'text', body: { text } };
  return (await user.post(`/v1/conversations/${cid}/messages`, message)).status;
};
const merge = () => tenant.backEnd.post('/v1/users/ext:old/merge', { into: 'ext:ann' });

const never: MergePart = {
  name: 'never',
  move: () => Promise.reject(new Error('cannot be moved')),
  moveBack: () => Promise.resolve(false),
};

/** The product's merge, with these parts after its own. */
function runMerges(mergeParts: readonly MergePart[] = []) {
  const store = openStore({ url: house.config.databaseUrl, poolSize: 4 });
  const kind = anySaga(mergeOfUsers([...features, { mergeParts }]));
  const runner = startJobRunner({ sql: store.sql, kinds: [sagaJobs([kind], 1)], log, pollMs: 10 });
  const stop = async () => {
    await runner.stop();
    await store.close();
  };
  return { stop };
}

const sagaOf = async () =>
  (await house.operator.get('/admin/v1/sagas')).body.items.find(
    ({ subject }: { subject: string }) => subject === `user:${old.uid}`,
  );
const isDone = async (status: string) => (await sagaOf()).status === status;

/** What is open in the tenant. */
async function waysOf(tid: string) {
  const [open] = await database(house)`
    select (select json_agg(i order by conversation_id, user_id) from invitations i where tenant_id = ${tid}) as invitations,
      (select json_agg(l order by id) from invitation_links l where tenant_id = ${tid}) as links,
      (select json_agg(r order by conversation_id, user_id) from join_requests r where tenant_id = ${tid}) as requests`;
  return open;
}

/** Rooms of each kind, a dm that both have with carol, one that only `old` has, and one of the two. */
async function furnish() {
  const room = { kind: 'private', name: 'Room' };
  const own = await create(old, { ...room, participants: [bob.uid] });
  const shared = await create(bob, { ...room, participants: [old.uid, ann.uid] });
  await bob.patch(`/v1/conversations/${shared}/participants/${old.uid}`, { role: 'admin' });
  await say(bob, shared);
  await old.put(`/v1/conversations/${shared}/read`, { pos: 1 });
  await say(bob, shared, old);
  await say(bob, shared, old, ann);
  await say(ann, shared, old);
  const dm = (user: TestUser, other: TestUser) => create(user, { kind: 'dm', participants: [other.uid] });
  const withBob = await dm(old, bob);
  const doubled = await dm(old, carol);
  const withCarol = await dm(ann, carol);
  const both = await dm(old, ann);
  for (const cid of [own, withBob, doubled, both]) expect(await say(old, cid)).toBe(201);
  for (const [user, other] of [
    [old, bob],
    [carol, old],
    [old, ann],
    [ann, carol],
    [old, carol],
  ] as const) {
    await user.put(`/v1/users/me/following/${other.uid}`);
  }
  const dora = await tenant.user('dora');
  const closed = await dm(ann, dora);
  await dora.put(`/v1/users/me/blocks/${old.uid}`);
  const far = await create(bob, room);
  await bob.post(`/v1/conversations/${far}/invitations`, { users: [old.uid] });
  await old.post(`/v1/conversations/${far}/join-requests`, {});
  await old.post(`/v1/conversations/${own}/invitations`, { users: [carol.uid, ann.uid] });
  await old.post(`/v1/conversations/${own}/links`, {});
  await ann.post(`/v1/conversations/${own}/join-requests`, {});
  return { far, own, shared, withBob, doubled, withCarol, both, closed, dora };
}

test('[USER-5] [ACC-4] conversations, roles, positions, follows and blocks go over, and the old ids name the survivor', async () => {
  const place = await furnish();
  const answer = await merge();
  expect([answer.status, answer.body.userId]).toEqual([200, ann.uid]);
  expect((await merge()).status).toBe(400);
  expect((await tenant.backEnd.delete('/v1/users/ext:ann')).status).toBe(409);
  expect((await tenant.backEnd.post('/v1/users/ext:ann/merge', { into: 'ext:bob' })).status).toBe(409);
  expect((await old.get('/v1/users/me')).status).toBe(403);
  const runs = [runMerges(), runMerges()];
  onTestFinished(async () => void (await Promise.all(runs.map(({ stop }) => stop()))));
  await vi.waitUntil(() => isDone('done'), 60_000);

  for (const ref of [old.uid, 'ext:old']) {
    expect((await bob.get(`/v1/users/${ref}`)).body).toMatchObject({ userId: ann.uid, displayName: 'ann' });
    expect((await tenant.backEnd.post('/v1/tokens', { user: ref })).body.userId).toBe(ann.uid);
    expect((await tenant.backEnd.with({ 'x-on-behalf-of': ref }).get('/v1/users/me')).body.userId).toBe(ann.uid);
  }
  expect((await old.get('/v1/users/me')).status).toBe(401);
  expect((await bob.get('/v1/users?q=old')).body.items).toEqual([]);

  const view = async (cid: string) => (await ann.get(`/v1/conversations/${cid}`)).body;
  expect(await view(place.own)).toMatchObject({ myRole: 'owner' });
  expect(await view(place.shared)).toMatchObject({ myRole: 'admin', readPos: 1 });
  expect(await view(place.withBob)).toMatchObject({ peer: bob.uid, archived: false });
  expect(await view(place.doubled)).toMatchObject({ peer: carol.uid, archived: true });
  expect(await view(place.withCarol)).toMatchObject({ peer: carol.uid, archived: false });
  expect(await view(place.both)).toMatchObject({ archived: true });
  expect(await create(bob, { kind: 'dm', participants: ['ext:old'] })).toBe(place.withBob);
  const { items } = (await ann.get(`/v1/conversations/${place.withBob}/messages`)).body;
  expect(items).toMatchObject([{ from: old.uid }]);
  expect([await say(ann, place.own), await say(bob, place.withBob), await say(ann, place.closed)]).toEqual([
    201, 201, 403,
  ]);

  const sql = database(house);
  expect(await sql`select from participants where user_id = ${old.uid}`).toHaveLength(0);
  expect(await sql`select from user_moves where from_id = ${old.uid}`).toHaveLength(0);
  const follows = (await ann.get(`/v1/users/${ann.uid}/follows`)).body;
  expect(follows).toMatchObject({ followers: 1, following: 2 });
  const mentions = (await ann.get('/v1/mentions')).body.items as { message: { cid: string; from: string } }[];
  expect(mentions.map(({ message }) => [message.cid, message.from])).toEqual([
    [place.shared, bob.uid],
    [place.shared, bob.uid],
  ]);
  expect(await sql`select from mentions where user_id = ${old.uid}`).toHaveLength(0);
  const blocked = (await place.dora.get('/v1/users/me/blocks')).body.items;
  expect(blocked).toMatchObject([{ userId: ann.uid }]);

  // What was open to the merged user is open to the survivor, unless it takes part now.
  const requests = async (cid: string) => (await bob.get(`/v1/conversations/${cid}/join-requests`)).body.items;
  expect(await requests(place.far)).toMatchObject([{ user: { userId: ann.uid } }]);
  expect(await waysOf(tenant.tid)).toMatchObject({
    invitations: [
      { conversation_id: place.far, user_id: ann.uid, invited_by: bob.uid },
      { conversation_id: place.own, user_id: carol.uid, invited_by: ann.uid },
    ].toSorted((a, b) => (a.conversation_id < b.conversation_id ? -1 : 1)),
    links: [{ conversation_id: place.own, created_by: ann.uid }],
    requests: [{ conversation_id: place.far, user_id: ann.uid }],
  });
  expect((await ann.post(`/v1/conversations/${place.far}/invitation/accept`)).body.added).toEqual([ann.uid]);
  expect((await carol.post(`/v1/conversations/${place.own}/invitation/accept`)).body.added).toEqual([carol.uid]);

  expect((await tenant.backEnd.delete('/v1/users/ext:ann')).status).toBe(204);
  const [row] = await sql`select * from users where id = ${old.uid}`;
  expect(JSON.stringify(row)).not.toMatch(/"(?:ann|old)"/);
});

const HOUR = 3_600_000;
const path = (cid: string) => `/v1/conversations/${cid}`;
const participants = (cid: string) => `${path(cid)}/participants`;
const refusal = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

/** Rooms of bob in which one of the two is banned or was muted, and a dm of `old` with somebody whom `ann` has blocked. */
async function restrainBoth() {
  const room = async (kind: string, ...users: TestUser[]) =>
    create(bob, { kind, name: 'Room', participants: users.map(({ uid }) => uid) });
  const ban = (user: TestUser, cid: string, more: object = {}) => bob.put(`${path(cid)}/bans/${user.uid}`, more);
  const mute = (user: TestUser, cid: string, mutedUntil: number) =>
    bob.patch(`${participants(cid)}/${user.uid}`, { mutedUntil, muteReason: `mute of ${user.uid}` });
  const leave = (user: TestUser, cid: string) => user.post(`${path(cid)}/leave`);
  const [hall, bannedOld, bannedAnn] = [await room('public'), await room('public', ann), await room('public', old)];
  await ban(old, hall, { reason: 'spam' });
  await ban(ann, hall, { until: Date.now() + HOUR });
  await ban(old, bannedOld);
  await ban(ann, bannedAnn);
  const owned = await create(old, { kind: 'public', name: 'Room', participants: [carol.uid] });
  await old.put(`${path(owned)}/bans/${ann.uid}`, {});
  const [kept, keptOfOld, keptOfAnn] = [
    ...[await room('public', old, ann), await room('public', old, ann), await room('public', old, ann)],
  ] as [string, string, string];
  const until = Date.now() + HOUR;
  for (const user of [old, ann]) {
    await mute(user, kept, user === old ? until + HOUR : until);
    await leave(user, kept);
  }
  await mute(old, keptOfOld, until);
  await leave(old, keptOfOld);
  await mute(ann, keptOfAnn, until);
  await leave(ann, keptOfAnn);
  const erin = await tenant.user('erin');
  const dm = await create(old, { kind: 'dm', participants: [erin.uid] });
  await ann.put(`/v1/users/me/blocks/${erin.uid}`);
  return { hall, bannedOld, bannedAnn, owned, kept, keptOfOld, keptOfAnn, until, erin, dm };
}

test('[USER-5] [PERM-2] [PERM-10] [BLK-1] bans, kept mutes and blocks hold for the survivor', async () => {
  const place = await restrainBoth();
  expect((await merge()).status).toBe(200);
  const { stop } = runMerges();
  onTestFinished(stop);
  await vi.waitUntil(() => isDone('done'), 60_000);

  for (const cid of [place.hall, place.bannedOld, place.bannedAnn, place.owned]) {
    expect(refusal(await ann.get(`${path(cid)}/messages`))).toEqual([403, 'not_member']);
    expect(refusal(await ann.post(`${path(cid)}/join`))).toEqual([403, 'forbidden']);
  }
  expect((await bob.get(`${path(place.hall)}/bans`)).body.items).toMatchObject([
    { userId: ann.uid, until: null, reason: 'spam' },
  ]);
  expect((await bob.delete(`${path(place.hall)}/bans/${old.uid}`)).status).toBe(204);
  expect((await ann.post(`${path(place.hall)}/join`)).status).toBe(200);
  expect((await carol.get(path(place.owned))).body).toMatchObject({ myRole: 'owner' });

  expect((await ann.post(`${path(place.kept)}/join`)).status).toBe(200);
  for (const cid of [place.kept, place.keptOfOld, place.keptOfAnn]) expect(await say(ann, cid)).toBe(403);
  const muteOf = async (cid: string) => {
    const { items } = (await bob.get(participants(cid))).body as { items: { userId: string; mutedUntil: number }[] };
    return items.find(({ userId }) => userId === ann.uid)?.mutedUntil;
  };
  expect(await muteOf(place.kept)).toBe(place.until + HOUR);
  expect(await muteOf(place.keptOfAnn)).toBe(place.until);
  for (const user of [ann, place.erin]) expect(await say(user, place.dm)).toBe(403);
  await ann.delete(`/v1/users/me/blocks/${place.erin.uid}`);
  expect(await say(place.erin, place.dm)).toBe(201);
  const sql = database(house);
  for (const table of ['conversation_bans', 'kept_mutes']) {
    expect(await sql`select from ${sql(table)} where user_id = ${old.uid}`).toHaveLength(0);
  }
});

test('[HOOK-5] a merge that was interrupted goes on, and one that cannot be finished is taken back whole', async () => {
  await furnish();
  await restrainBoth();
  const sql = database(house);
  const { tid } = tenant;
  /** Without what only says when: versions of memberships, times, numbers of revocations. */
  const state = () => sql`
    select (select json_agg(p order by conversation_id, user_id) from participants p where tenant_id = ${tid}) as participants,
      (select json_agg(p order by user_a, user_b) from dm_pairs p where tenant_id = ${tid}) as pairs,
      (select json_agg(conversation_id order by conversation_id) from conversations where tenant_id = ${tid} and archived_at is not null) as archived,
      (select json_agg(b order by conversation_id, user_id) from conversation_bans b where tenant_id = ${tid}) as bans,
      (select json_agg(m order by conversation_id, user_id) from kept_mutes m where tenant_id = ${tid}) as mutes,
      (select json_agg((user_id, blocked_id) order by user_id, blocked_id) from user_blocks where tenant_id = ${tid}) as blocks,
      (select json_agg(f.user_id::text || f.followed_id order by user_id, followed_id) from user_follows f where tenant_id = ${tid}) as follows,
      (select json_agg(m order by seq, user_id) from mentions m where tenant_id = ${tid}) as mentions,
      (select json_agg(c order by user_id) from follow_counts c where tenant_id = ${tid}) as counts,
      (select json_agg((id, status, display_name, external_id, merged_into) order by id) from users where tenant_id = ${tid}) as users,
      (select count(*)::int from user_moves where tenant_id = ${tid}) as moves`;
  const [before, open] = [await state(), await waysOf(tenant.tid)];
  expect(open).toEqual({ invitations: expect.anything(), links: expect.anything(), requests: expect.anything() });
  expect((await merge()).status).toBe(200);
  const first = runMerges([never]);
  await vi.waitUntil(async () => (await sagaOf()).progress > 0, 60_000);
  await first.stop();
  const second = runMerges([never]);
  onTestFinished(second.stop);
  await vi.waitUntil(() => isDone('undone'), 60_000);
  expect((await sagaOf()).error).toBe('cannot be moved');
  expect([await state(), await waysOf(tenant.tid)]).toEqual([before, open]);
  expect((await tenant.backEnd.post('/v1/tokens', { user: 'ext:old' })).body.userId).toBe(old.uid);
});

test('[USER-5] what was refused, revoked or used after it had gone over is not restored when the merge is taken back', async () => {
  const merging = { tid: tenant.tid, from: old.uid, into: ann.uid };
  const sql = openStore({ url: house.config.databaseUrl, poolSize: 1 }).sql;
  onTestFinished(() => sql.end());
  const own = await create(old, { kind: 'private', name: 'Room', participants: [bob.uid] });
  const [far, near] = [
    await create(bob, { kind: 'private', name: 'Far' }),
    await create(bob, { kind: 'private', name: 'Near' }),
  ];
  for (const cid of [far, near]) {
    await bob.post(`/v1/conversations/${cid}/invitations`, { users: [old.uid] });
    await old.post(`/v1/conversations/${cid}/join-requests`, {});
  }
  await old.post(`/v1/conversations/${own}/invitations`, { users: [carol.uid] });
  const [revoked, used] = [
    (await old.post(`/v1/conversations/${own}/links`, {})).body,
    (await old.post(`/v1/conversations/${own}/links`, { maxUses: 2 })).body,
  ];
  for (const { move } of mergeWays) while (await sql.begin((tx) => move(tx, merging)));

  expect((await ann.post(`/v1/conversations/${far}/invitation/decline`)).status).toBe(204);
  expect((await bob.post(`/v1/conversations/${far}/join-requests/${ann.uid}/reject`)).status).toBe(204);
  expect((await carol.post(`/v1/conversations/${own}/invitation/decline`)).status).toBe(204);
  expect((await tenant.backEnd.delete(`/v1/conversations/${own}/links/${revoked.linkId}`)).status).toBe(204);
  await database(house)`update invitation_links set uses = 1 where id = ${used.linkId}`;
  for (const { moveBack } of mergeWays) while (await sql.begin((tx) => moveBack(tx, merging)));

  expect(await waysOf(tenant.tid)).toMatchObject({
    invitations: [{ conversation_id: near, user_id: old.uid, invited_by: bob.uid }],
    links: [{ id: used.linkId, created_by: old.uid, uses: 1 }],
    requests: [{ conversation_id: near, user_id: old.uid }],
  });
});

test('[MEN-4] what mentions nobody or somebody else by now is not restored when the merge is taken back', async () => {
  const merging = { tid: tenant.tid, from: old.uid, into: ann.uid };
  const sql = openStore({ url: house.config.databaseUrl, poolSize: 1 }).sql;
  onTestFinished(() => sql.end());
  const cid = await create(bob, { kind: 'private', name: 'Room', participants: [old.uid, ann.uid] });
  const { head } = (await bob.get(`/v1/conversations/${cid}`)).body;
  for (let n = 0; n < 5; n += 1) await say(bob, cid, old);
  const rows = () => sql<{ seq: number; user: string }[]>`
    select (seq - ${head})::int as seq, user_id as user from mentions where conversation_id = ${cid} order by seq`;
  expect(await rows()).toEqual([1, 2, 3, 4, 5].map((seq) => ({ seq, user: old.uid })));
  while (await sql.begin((tx) => mergeMentions.move(tx, merging)));
  expect(await rows()).toEqual([1, 2, 3, 4, 5].map((seq) => ({ seq, user: ann.uid })));

  const url = (n: number) => `/v1/conversations/${cid}/messages/${head + n}`;
  expect((await bob.delete(url(2))).status).toBe(200);
  for (const [n, text] of [
    [3, 'nobody'],
    [4, `<@${ann.uid}>`],
  ] as const)
    expect((await bob.patch(url(n), { body: { text } })).status).toBe(200);
  await database(house)`delete from messages where conversation_id = ${cid} and seq = ${head + 5}`;
  while (await sql.begin((tx) => mergeMentions.moveBack(tx, merging)));

  expect(await rows()).toEqual([
    { seq: 1, user: old.uid },
    { seq: 4, user: ann.uid },
  ]);
});

/** Until so many statements wait for locks of rows. */
const untilWaiting = (many: number) => vi.waitUntil(async () => (await lockWaits(database(house))) === many, 60_000);

test.each(['an unfollow', 'a block'])(
  '[USER-5] a merge and %s of the same two at once wait for each other, not for ever',
  async (how) => {
    await old.put(`/v1/users/me/following/${bob.uid}`);
    const merging = { tid: tenant.tid, from: old.uid, into: ann.uid };
    const actor = { tid: tenant.tid, uid: old.uid };
    const { sql, close } = openStore({ url: house.config.databaseUrl, poolSize: 3 });
    onTestFinished(close);
    const end = () =>
      how === 'an unfollow'
        ? unfollow(sql, actor, bob.uid)
        : sql.begin((tx) => createFollows({ sql }).onBlock(tx, actor, bob.uid));
    const both: Promise<unknown>[] = [];
    await sql.begin(async (tx) => {
      await tx`select from follow_counts where tenant_id = ${tenant.tid} for no key update`;
      both.push(sql.begin((other) => mergeFollows.move(other, merging)));
      await untilWaiting(1);
      both.push(end());
      await untilWaiting(2);
    });
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect((await bob.get(`/v1/users/${bob.uid}/follows`)).body).toMatchObject({ followers: 1 });
  },
);

test('[BLK-1] a block goes over when nobody depends on the blocks of who blocks, with a dm of the two too', async () => {
  const dora = await tenant.user('dora');
  await create(ann, { kind: 'dm', participants: [dora.uid] });
  await dora.put(`/v1/users/me/blocks/${old.uid}`);
  const { sql, close } = openStore({ url: house.config.databaseUrl, poolSize: 2 });
  onTestFinished(close);
  const moving = await sql.begin(async (tx) => {
    await tx`select from users where id = ${dora.uid} for share`;
    const move = sql.begin((other) => blocks.move(other, { tid: tenant.tid, from: old.uid, into: ann.uid }));
    await untilWaiting(1);
    return { move };
  });
  expect(await moving.move).toBe(true);
});

/** So many private conversations of bob's. */
const conversations = (many: number) => database(house)<{ cid: string }[]>`
  insert into conversations (conversation_id, tenant_id, kind, created_by)
  select gen_random_uuid(), ${tenant.tid}, 'private', ${bob.uid} from generate_series(1, ${many})
  returning conversation_id as cid`;

test('[USER-5] [INV-6] what goes over keeps to the bounds of one user, and many follows go over in few pieces', async () => {
  const sql = database(house);
  const { tid } = tenant;
  const { pinnedConversations, invitationsPerUser, joinRequestsPerUser } = LIMITS;
  const pin = async (user: TestUser, many: number) => {
    const cids = (await conversations(many)).map(({ cid }) => cid);
    await sql`
      insert into participants (conversation_id, user_id, tenant_id, pinned)
      select cid, ${user.uid}, ${tid}, true from unnest(${cids}::uuid[]) cid`;
  };
  const open = async (user: TestUser, many: number) => {
    const cids = (await conversations(many)).map(({ cid }) => cid);
    for (const table of ['invitations', 'join_requests']) {
      await sql`
        insert into ${sql(table)} (conversation_id, user_id, tenant_id, expires_at)
        select cid, ${user.uid}, ${tid}, now() + interval '1 day' from unnest(${cids}::uuid[]) cid`;
    }
  };
  await pin(ann, pinnedConversations - 2);
  await pin(old, 5);
  await open(ann, joinRequestsPerUser - 2);
  await open(old, 5);
  await sql`
    insert into invitations (conversation_id, user_id, tenant_id, expires_at)
    select cid::uuid, ${ann.uid}, ${tid}, now() + interval '1 day'
    from unnest(${(await conversations(invitationsPerUser - joinRequestsPerUser)).map(({ cid }) => cid)}::uuid[]) cid`;
  await sql`
    insert into user_follows (user_id, followed_id, tenant_id)
    select ${old.uid}, gen_random_uuid(), ${tid} from generate_series(1, 1200)`;
  await sql`
    insert into follow_counts (user_id, tenant_id, followers, following)
    select followed_id, ${tid}::uuid, 1, 0 from user_follows where user_id = ${old.uid}
    union all select ${old.uid}, ${tid}, 0, 1200`;
  expect((await merge()).status).toBe(200);
  onTestFinished(runMerges().stop);
  await vi.waitUntil(() => isDone('done'), 60_000);
  const [ofAnn] = await sql`
    select (select count(*)::int from participants where user_id = ${ann.uid}) as conversations,
      (select count(*)::int from participants where user_id = ${ann.uid} and pinned) as pinned,
      (select count(*)::int from invitations where user_id = ${ann.uid}) as invitations,
      (select count(*)::int from join_requests where user_id = ${ann.uid}) as requests,
      (select following::int from follow_counts where user_id = ${ann.uid}) as following`;
  expect(ofAnn).toEqual({
    conversations: pinnedConversations + 3,
    pinned: pinnedConversations,
    invitations: invitationsPerUser,
    requests: joinRequestsPerUser,
    following: 1200,
  });
  // Five memberships, three pieces of follows, five invitations and five requests.
  expect((await sagaOf()).progress).toBe(18);
});

test('what cannot be merged', async () => {
  const stranger = await (await createTestTenant(house)).user('stranger');
  const into = (user: string, other: string) => tenant.backEnd.post(`/v1/users/${user}/merge`, { into: other });
  expect((await into(stranger.uid, ann.uid)).status).toBe(404);
  expect((await into(ann.uid, stranger.uid)).status).toBe(404);
  expect((await into('ext:ann', ann.uid)).status).toBe(400);
  expect((await ann.post(`/v1/users/${old.uid}/merge`, { into: ann.uid })).status).toBe(401);
});
