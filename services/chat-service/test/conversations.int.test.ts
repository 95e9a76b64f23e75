import { randomUUID } from 'node:crypto';
import { subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let bob: TestUser;
let carol: TestUser;
let stranger: TestUser;

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  [alice, bob, carol] = [await tenant.user('alice'), await tenant.user('bob'), await tenant.user('carol')];
  stranger = await (await createTestTenant(house)).user('stranger');
});
afterAll(() => house.stop());

const create = (user: TestUser, body: object) => user.post('/v1/conversations', body);

describe('[CONV-1] creation by kind', () => {
  test('a dm: one per pair, whoever asks, however many at once', async () => {
    const [dora, emil] = [await tenant.user('dora'), await tenant.user('emil')];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 2 === 0
          ? create(dora, { kind: 'dm', participants: ['ext:emil'] })
          : create(emil, { kind: 'dm', participants: [dora.uid, 'ext:emil'] }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array.from({ length: 11 }, () => 200), 201]);
    expect(new Set(answers.map(({ body }) => body.cid)).size).toBe(1);
    const mine = (await dora.get('/v1/conversations')).body.items;
    expect(mine).toHaveLength(1);
    expect(mine[0]).toMatchObject({ kind: 'dm', peer: emil.uid, myRole: 'member', head: 0, unread: 0, name: null });
  });

  test('a group of three, a private and a public channel belong to their creator', async () => {
    const group = await create(alice, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    const lone = await create(alice, {
      kind: 'private',
      name: 'Lone',
      topic: 'T',
      avatar: 'https://example.com/a.png',
    });
    const open = await create(alice, { kind: 'public', name: 'Open', metadata: { team: ['x', 1, null] } });
    expect([group.status, lone.status, open.status]).toEqual([201, 201, 201]);
    expect(group.body).toMatchObject({
      kind: 'group',
      myRole: 'owner',
      createdBy: alice.uid,
      peer: null,
      archived: false,
    });
    expect(lone.body).toMatchObject({
      name: 'Lone',
      topic: 'T',
      avatar: 'https://example.com/a.png',
      rev: 0,
      first: 1,
      epoch: 0,
    });
    expect(open.body).toMatchObject({ metadata: { team: ['x', 1, null] }, lastMessage: null, readPos: 0 });
  });

  test('the back end creates for the user it names, or for the first participant', async () => {
    const forBob = await tenant.backEnd
      .with({ 'x-on-behalf-of': 'ext:bob' })
      .post('/v1/conversations', { kind: 'private', name: 'Bob’s' });
    expect(forBob.body).toMatchObject({ createdBy: bob.uid, myRole: 'owner' });
    const forCarol = await tenant.backEnd.post('/v1/conversations', {
      kind: 'group',
      participants: ['ext:carol', alice.uid, bob.uid],
    });
    expect(forCarol.body).toMatchObject({ createdBy: carol.uid, myRole: 'owner' });
    const forNobody = await tenant.backEnd.post('/v1/conversations', { kind: 'private' });
    expect([forNobody.status, forNobody.body.errors[0].path]).toEqual([400, 'participants']);
  });

  test.each([
    [{ kind: 'dm', participants: [] }, ['participants']],
    [{ kind: 'dm', participants: ['ext:alice'] }, ['participants']],
    [{ kind: 'dm', participants: ['ext:bob', 'ext:carol'] }, ['participants']],
    [{ kind: 'dm', participants: ['ext:bob'], name: 'x' }, ['name']],
    [{ kind: 'group', participants: ['ext:bob', 'ext:bob', 'ext:alice'] }, ['participants']],
    [{ kind: 'club', name: '', avatar: 'javascript:x' }, ['avatar', 'kind', 'name']],
    [{ kind: 'public', name: 'a\u0000', topic: '\ud800' }, ['name', 'topic']],
    [{ kind: 'public', metadata: { a: 'x'.repeat(17_000) } }, ['metadata']],
    [{ kind: 'public', metadata: { a: '\u0000' } }, ['metadata']],
    [{ kind: 'public', participants: Array.from({ length: 1_001 }, () => 'ext:bob') }, ['participants']],
    [{ kind: 'public', participants: ['bob', 7] }, ['participants.0', 'participants.1']],
  ])('%# is refused by name', async (body, paths) => {
    const answer = await create(alice, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { path: string }) => error.path).toSorted()).toEqual(paths);
  });

  test('[TEN-6] unknown users and those of another tenant are not found, all of them named', async () => {
    const { status, body } = await create(alice, {
      kind: 'public',
      participants: ['ext:bob', stranger.uid, 'ext:stranger'],
    });
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual(['participants.1', 'participants.2']);
  });

  test('a thousand participants in one call', async () => {
    const sql = database(house);
    await sql`
      insert into users (id, tenant_id, external_id, display_name)
      select gen_random_uuid(), ${tenant.tid}, 'crowd-' || n, 'Crowd ' || n from generate_series(1, 1000) n`;
    const participants = Array.from({ length: 1_000 }, (_, n) => `ext:crowd-${n + 1}`);
    const { status, body } = await create(alice, { kind: 'public', participants });
    expect(status).toBe(201);
    const [row] = await sql`select count(*)::int as count from participants where conversation_id = ${body.cid}`;
    expect(row?.['count']).toBe(1_001);
  });

  test('everybody in it hears of a new conversation', async () => {
    const heard = await listen(house, subjects.user(tenant.tid, bob.uid));
    const { body } = await create(alice, { kind: 'private', participants: ['ext:bob'] });
    await expect.poll(() => heard).toEqual([{ v: 1, event: 'conv', cid: body.cid, conv: 'created' }]);
  });
});

describe('Idempotency-Key', () => {
  test('the same key of the same creator is the same conversation, also at once; of another creator another one', async () => {
    const key = { 'idempotency-key': `key ${randomUUID()}` };
    const body = { kind: 'private', name: 'Once' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => alice.with(key).post('/v1/conversations', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map((answer) => answer.body.cid)).size).toBe(1);
    const bobs = await bob.with(key).post('/v1/conversations', body);
    expect(bobs.status).toBe(201);
    const other = await alice.with(key).post('/v1/conversations', { kind: 'public' });
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
  });

  test('[CONV-1] the key of one pair’s dm makes no dm of another pair', async () => {
    const [fay, gil, hal] = [await tenant.user('fay'), await tenant.user('gil'), await tenant.user('hal')];
    const keyed = fay.with({ 'idempotency-key': randomUUID() });
    const dmWith = (name: string) => ({ kind: 'dm', participants: [`ext:${name}`] });
    const first = await keyed.post('/v1/conversations', dmWith('gil'));

    const other = await keyed.post('/v1/conversations', dmWith('hal'));
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
    const repeat = await keyed.post('/v1/conversations', dmWith('gil'));
    expect([repeat.status, repeat.body.cid]).toEqual([200, first.body.cid]);
    const own = await create(hal, dmWith('fay'));
    expect([own.status, own.body.peer]).toEqual([201, fay.uid]);
    expect((await create(gil, dmWith('fay'))).body.cid).toBe(first.body.cid);
  });

  test('the key with another name or other participants is a conflict, as long as what was made can tell', async () => {
    const keyed = alice.with({ 'idempotency-key': randomUUID() });
    const body = { kind: 'private', name: 'Told', participants: ['ext:bob', 'ext:carol'], metadata: { a: 1, b: null } };
    const { body: made } = await keyed.post('/v1/conversations', body);
    const repeat = (more: object) => keyed.post('/v1/conversations', { ...body, ...more });
    expect((await repeat({ name: 'Other' })).body.code).toBe('conflict');
    expect((await repeat({ topic: 'Other' })).body.code).toBe('conflict');
    expect((await repeat({ participants: ['ext:bob'] })).body.code).toBe('conflict');
    expect((await repeat({ participants: ['ext:carol', bob.uid], metadata: { b: null, a: 1 } })).status).toBe(200);

    await alice.patch(`/v1/conversations/${made.cid}`, { name: 'Changed' });
    await alice.delete(`/v1/conversations/${made.cid}/participants/ext:carol`);
    expect((await repeat({})).body).toMatchObject({ cid: made.cid, name: 'Changed' });
  });

  test('[IDM-10] a back end’s repeat names the participants in any order, also at the same time', async () => {
    const keyed = tenant.backEnd.with({ 'idempotency-key': randomUUID() });
    const orders = [
      ['ext:alice', 'ext:bob', 'ext:carol'],
      ['ext:carol', 'ext:alice', 'ext:bob'],
      [bob.uid, 'ext:carol', alice.uid],
    ];
    const answers = await Promise.all(
      [...orders, ...orders].map((participants) => keyed.post('/v1/conversations', { kind: 'group', participants })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.cid)).size).toBe(1);
    const [owner] = new Set(answers.map(({ body }) => body.createdBy));
    for (const { body } of answers) expect(body).toMatchObject({ createdBy: owner, myRole: 'owner' });
    const fewer = await keyed.post('/v1/conversations', { kind: 'group', participants: orders[0]!.slice(0, 2) });
    expect([fewer.status, fewer.body.code]).toEqual([409, 'conflict']);
  });

  test('[IDM-10] a repeat after the creator has left is the same conversation, as it was asked for', async () => {
    const keyed = alice.with({ 'idempotency-key': randomUUID() });
    const body = { kind: 'group', name: 'Trip', participants: ['ext:bob', 'ext:carol'] };
    const { cid } = (await keyed.post('/v1/conversations', body)).body;
    await alice.post(`/v1/conversations/${cid}/leave`);
    await bob.patch(`/v1/conversations/${cid}`, { name: 'Without Alice' });
    const repeat = await keyed.post('/v1/conversations', body);
    expect([repeat.status, repeat.body]).toMatchObject([
      200,
      {
        cid,
        kind: 'group',
        name: 'Trip',
        createdBy: alice.uid,
        myRole: null,
        readPos: null,
        lastMessage: null,
        head: 0,
      },
    ]);
    expect((await alice.get(`/v1/conversations/${cid}`)).body.code).toBe('not_member');
  });

  test('[IDM-10] so is one after somebody named in it was deactivated, and a back end’s after the first has left', async () => {
    const gone = await tenant.user('soon-gone');
    const keyed = tenant.backEnd.with({ 'idempotency-key': randomUUID() });
    const body = { kind: 'group', participants: ['ext:alice', 'ext:bob', 'ext:soon-gone'] };
    const { cid } = (await keyed.post('/v1/conversations', body)).body;
    const sql = database(house);
    await sql`update users set status = 'deactivated' where id = ${gone.uid}`;
    expect((await keyed.post('/v1/conversations', body)).body).toMatchObject({ cid, myRole: 'owner' });
    await alice.post(`/v1/conversations/${cid}/leave`);
    const repeat = await keyed.post('/v1/conversations', body);
    expect([repeat.status, repeat.body]).toMatchObject([200, { cid, myRole: null }]);
    const fresh = tenant.backEnd.with({ 'idempotency-key': randomUUID() });
    expect((await fresh.post('/v1/conversations', body)).status).toBe(404);
  });

  test('[IDM-10] what a former version made under a back end’s key is found again', async () => {
    const key = randomUUID();
    const { body: made } = await alice.with({ 'idempotency-key': key }).post('/v1/conversations', {
      kind: 'group',
      participants: ['ext:bob', 'ext:carol'],
    });
    // Formerly a back end's id came of the first participant, as that user's own still does.
    const repeat = await tenant.backEnd.with({ 'idempotency-key': key }).post('/v1/conversations', {
      kind: 'group',
      participants: ['ext:alice', 'ext:bob', 'ext:carol'],
    });
    expect([repeat.status, repeat.body.cid]).toEqual([200, made.cid]);
    const other = await tenant.backEnd.with({ 'idempotency-key': key }).post('/v1/conversations', {
      kind: 'private',
      participants: ['ext:alice'],
    });
    expect(other.status).toBe(201);
  });

  test('[IDM-10] the key of what was deleted says so', async () => {
    const keyed = alice.with({ 'idempotency-key': randomUUID() });
    const { body } = await keyed.post('/v1/conversations', { kind: 'private', name: 'Short' });
    await alice.delete(`/v1/conversations/${body.cid}`);
    const repeat = await keyed.post('/v1/conversations', { kind: 'private', name: 'Short' });
    expect([repeat.status, repeat.body.code]).toEqual([409, 'conflict']);
    expect(repeat.body.detail).toContain('deleted');
  });

  test('[IDM-10] a dm that is deleted again and again is there for whoever asks', async () => {
    const [ida, jon] = [await tenant.user('ida'), await tenant.user('jon')];
    const asking = async (user: TestUser, other: TestUser) => {
      const answers = [];
      for (let n = 0; n < 25; n += 1) answers.push(await create(user, { kind: 'dm', participants: [other.uid] }));
      return answers;
    };
    let over = false;
    const deleting = (async () => {
      while (!over) {
        const { body } = await tenant.backEnd.with({ 'x-on-behalf-of': ida.uid }).get('/v1/conversations');
        for (const { cid } of body.items) await tenant.backEnd.delete(`/v1/conversations/${cid}`);
      }
    })();
    const asked = Promise.all([asking(ida, jon), asking(jon, ida), asking(ida, jon)]);
    const answers = (await asked.finally(() => (over = true))).flat();
    await deleting;
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 201)).toEqual([]);
    const last = await create(ida, { kind: 'dm', participants: [jon.uid] });
    expect((await create(jon, { kind: 'dm', participants: [ida.uid] })).body.cid).toBe(last.body.cid);
  });
});

describe('[CONV-2] reading, changing, deleting', () => {
  test('lists by activity, a page at a time, each once; archived ones by filter', async () => {
    const dora = await tenant.user('lister');
    const cids: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) {
      const { body } = await create(dora, { kind: 'private', name: `L${n}` });
      cids.unshift(body.cid);
    }
    await dora.patch(`/v1/conversations/${cids[2]}`, { archived: true });
    const active = [cids[2], cids[0], cids[1], cids[3], cids[4]];

    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await dora.get(`/v1/conversations?limit=2${cursor}`);
      seen.push(...body.items.map((item: { cid: string }) => item.cid));
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(active);
    const filtered = async (archived: boolean) =>
      (await dora.get(`/v1/conversations?archived=${archived}`)).body.items.map((item: { cid: string }) => item.cid);
    expect(await filtered(true)).toEqual([cids[2]]);
    expect(await filtered(false)).toEqual(active.slice(1));
  });

  test('a change is seen by all, told as a sys message and on the bus', async () => {
    const { body: made } = await create(alice, {
      kind: 'group',
      name: 'Old',
      topic: 'T',
      participants: ['ext:bob', 'ext:carol'],
    });
    const heard = await listen(house, subjects.conversation(tenant.tid, made.cid, 'event'));
    const changed = await bob.patch(`/v1/conversations/${made.cid}`, { name: 'New', metadata: { a: 1 } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ name: 'New', topic: 'T', metadata: { a: 1 }, head: 1, unread: 0 });
    expect(changed.body.lastMessage).toMatchObject({
      kind: 'sys',
      seq: 1,
      from: bob.uid,
      body: { event: 'renamed', name: 'New' },
    });
    await expect.poll(() => heard).toEqual([{ v: 1, tid: tenant.tid, cid: made.cid, event: 'changed', access: 0 }]);

    const cleared = await alice.patch(`/v1/conversations/${made.cid}`, { topic: null, archived: true });
    expect(cleared.body).toMatchObject({ name: 'New', topic: null, archived: true, metadata: { a: 1 } });
    expect((await alice.patch(`/v1/conversations/${made.cid}`, { archived: false })).body.archived).toBe(false);
    expect((await alice.patch(`/v1/conversations/${made.cid}`, {})).status).toBe(400);
  });

  test('members of a channel may not change it', async () => {
    const { body } = await create(alice, { kind: 'public', name: 'Mine', participants: ['ext:bob'] });
    const refused = await bob.patch(`/v1/conversations/${body.cid}`, { name: 'Ours' });
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect((await carol.patch(`/v1/conversations/${body.cid}`, { name: 'x' })).body.code).toBe('not_member');
  });

  test('who may see it: participants; a public channel, everybody in the tenant, without its messages', async () => {
    const { body: hidden } = await create(alice, { kind: 'private', name: 'Hidden' });
    const { body: open } = await create(alice, { kind: 'public', name: 'Open' });
    await alice.patch(`/v1/conversations/${open.cid}`, { topic: 'says something' });
    expect((await bob.get(`/v1/conversations/${hidden.cid}`)).body.code).toBe('not_member');
    const seen = await bob.get(`/v1/conversations/${open.cid}`);
    expect(seen.body).toMatchObject({
      topic: 'says something',
      head: 1,
      myRole: null,
      unread: null,
      lastMessage: null,
    });
    expect((await bob.get(`/v1/conversations/${open.cid}/messages`)).body.code).toBe('not_member');
    expect((await tenant.backEnd.get(`/v1/conversations/${hidden.cid}`)).body).toMatchObject({
      name: 'Hidden',
      myRole: null,
    });
  });

  test('deleted: gone for everybody, told by name; the pair may have a new dm', async () => {
    const { body } = await create(alice, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    expect((await bob.delete(`/v1/conversations/${body.cid}`)).status).toBe(403);
    const heard = await listen(house, subjects.user(tenant.tid, carol.uid));
    expect((await alice.delete(`/v1/conversations/${body.cid}`)).status).toBe(204);
    await expect
      .poll(() => heard)
      .toEqual([{ v: 1, event: 'conv', cid: body.cid, conv: 'deleted', access: expect.any(Number) }]);
    expect((await alice.get(`/v1/conversations/${body.cid}`)).status).toBe(404);
    expect((await alice.delete(`/v1/conversations/${body.cid}`)).status).toBe(404);
    const listed = (await carol.get('/v1/conversations')).body.items.map((item: { cid: string }) => item.cid);
    expect(listed).not.toContain(body.cid);

    const dm = { kind: 'dm', participants: ['ext:carol'] };
    const { body: first } = await create(bob, dm);
    expect((await bob.delete(`/v1/conversations/${first.cid}`)).status).toBe(403);
    expect((await tenant.backEnd.delete(`/v1/conversations/${first.cid}`)).status).toBe(204);
    const second = await create(bob, dm);
    expect(second.status).toBe(201);
    expect(second.body.cid).not.toBe(first.cid);
  });
});
