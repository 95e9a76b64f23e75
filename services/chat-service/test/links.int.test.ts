/** Invitations by link. */
import { LIMITS } from '@messagecore/protocol';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAudit } from '../src/platform/audit/audit-log.ts';
import type { Sql } from '../src/platform/database/connect.ts';
import type { Answer } from './client.ts';
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

async function newChannel(participants: string[] = [], kind = 'private'): Promise<string> {
  const { body } = await ann!.post('/v1/conversations', { kind, name: 'plans', topic: 'next year', participants });
  return body.cid;
}

interface Link {
  readonly code: string;
  readonly linkId: string;
}

async function newLink(cid: string, more: object = {}, user = ann!): Promise<Link> {
  const { status, body } = await user.post(`/v1/conversations/${cid}/links`, more);
  expect(status).toBe(201);
  return body;
}

const preview = (user: TestUser, code: string) => user.post('/v1/links/preview', { code });
const accept = (user: TestUser, code: string) => user.post('/v1/links/accept', { code });
const links = async (user: TestUser | TestTenant['backEnd'], cid: string) =>
  (await user.get(`/v1/conversations/${cid}/links`)).body.items;
/** What a refusal says, without the request's own id. */
const refusal = ({ status, body }: Answer) => ({ status, ...body, instance: undefined, requestId: undefined });

test('[INV-3] [CONV-4] whoever has the code sees where it leads, and joins', async () => {
  const cid = await newChannel(['ext:cy']);
  const { code } = await newLink(cid);
  const { body } = await preview(bob!, code.toLowerCase());
  expect(body).toEqual({
    conversation: { cid, kind: 'private', name: 'plans', topic: 'next year', avatar: null },
    members: 2,
    invitedBy: { userId: ann!.uid, displayName: 'ann' },
    expiresAt: expect.any(Number),
    joined: false,
  });
  expect((await accept(bob!, code)).body).toEqual({ cid, added: [bob!.uid], access: 1 });
  expect((await preview(bob!, code)).body).toMatchObject({ members: 3, joined: true });
  const { body: page } = await bob!.get(`/v1/conversations/${cid}/messages`);
  expect(page.items.at(-1).body).toEqual({ event: 'joined', users: [bob!.uid], invitedBy: ann!.uid });
});

test('[INV-3] a code that opens nothing is answered the same, whatever the reason', async () => {
  const cid = await newChannel(['ext:cy']);
  const other = await createTestTenant(house);
  const eve = await other.user('eve');
  const [revoked, expired, usedUp] = await Promise.all([newLink(cid), newLink(cid), newLink(cid, { maxUses: 1 })]);
  const theirs = await eve.post('/v1/conversations', { kind: 'private', name: 'theirs' });
  const foreign = await newLink(theirs.body.cid, {}, eve);
  await ann!.patch(`/v1/conversations/${cid}/participants/ext:cy`, { role: 'admin' });
  const ofDemoted = await newLink(cid, {}, cy);
  const dora = await tenant.user('dora');
  await ann!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:dora'], role: 'admin' });
  const ofDeactivated = await newLink(cid, {}, dora);
  await tenant.backEnd.patch('/v1/users/ext:dora', { deactivated: true });
  await ann!.delete(`/v1/conversations/${cid}/links/${revoked.linkId}`);
  await sql`update invitation_links set expires_at = now() where id = ${expired.linkId}`;
  expect((await accept(await tenant.user('dan'), usedUp.code)).status).toBe(200);
  await ann!.patch(`/v1/conversations/${cid}/participants/ext:cy`, { role: 'member' });
  const never = '7'.padEnd(26, '0');
  const answers = await Promise.all(
    [never, revoked.code, expired.code, usedUp.code, foreign.code, ofDemoted.code, ofDeactivated.code].flatMap(
      (code) => [preview(bob!, code), accept(bob!, code)],
    ),
  );
  const [first, ...others] = answers.map(refusal);
  expect(first).toMatchObject({ status: 404, code: 'not_found' });
  for (const each of others) expect(each).toEqual(first);
  expect((await preview(bob!, 'not a code')).body.code).toBe('bad_request');
});

test('[INV-4] a link lets in as many as it may, of fifty who come at the same time', async () => {
  const cid = await newChannel();
  const { code, linkId } = await newLink(cid, { maxUses: 7 });
  const crowd = await Promise.all(Array.from({ length: 50 }, (_, n) => tenant.user(`crowd-${n}`)));
  const answers = await Promise.all(crowd.map((user) => accept(user, code)));
  const let_in = answers.filter(({ status }) => status === 200);
  expect(let_in.flatMap(({ body }) => body.added)).toHaveLength(7);
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(43);
  const { body } = await ann!.get(`/v1/conversations/${cid}/participants`);
  expect(body.items).toHaveLength(8);
  expect((await links(ann!, cid)).find((link: Link) => link.linkId === linkId)).toMatchObject({ uses: 7, maxUses: 7 });
  // Those who are in may ask again, and use nothing up.
  const [first] = crowd.filter((_, n) => answers[n]?.status === 200);
  expect((await accept(first!, code)).body).toMatchObject({ cid, added: [] });
});

test('[INV-4] [INV-2] who is refused uses nothing up: a banned user', async () => {
  const cid = await newChannel();
  const { code } = await newLink(cid, { maxUses: 1 });
  const ban = { conversation_id: cid, user_id: bob!.uid, tenant_id: tenant.tid, banned_by: ann!.uid };
  await sql`insert into conversation_bans ${sql(ban)}`;
  expect((await accept(bob!, code)).body.code).toBe('forbidden');
  expect((await accept(cy!, code)).status).toBe(200);
});

test('[CONV-5] admins see and revoke all links, others their own; nobody sees a code again', async () => {
  const cid = await newChannel(['ext:bob', 'ext:cy'], 'group');
  const own = await newLink(cid, { maxUses: 3 }, bob);
  const { code, ...shown } = await newLink(cid);
  expect(await links(bob!, cid)).toMatchObject([{ linkId: own.linkId, createdBy: { userId: bob!.uid }, uses: 0 }]);
  expect(await links(ann!, cid)).toHaveLength(2);
  expect(await links(ann!, cid)).toContainEqual(shown);
  expect(JSON.stringify(await links(tenant.backEnd, cid))).not.toContain(code);
  const revoke = (user: TestUser, { linkId }: { linkId?: string }) =>
    user.delete(`/v1/conversations/${cid}/links/${linkId}`);
  expect((await revoke(bob!, shown as Link)).body.code).toBe('forbidden');
  expect((await revoke(bob!, own)).status).toBe(204);
  expect((await revoke(ann!, shown as Link)).status).toBe(204);
  expect((await revoke(ann!, shown as Link)).body.code).toBe('not_found');
  const channel = await newChannel(['ext:bob']);
  expect((await bob!.post(`/v1/conversations/${channel}/links`, {})).body.code).toBe('forbidden');
  expect((await cy!.post(`/v1/conversations/${channel}/links`, {})).body.code).toBe('not_member');
});

test('[INV-6] as many links lead to a conversation as may, however many are made at the same time', async () => {
  const cid = await newChannel();
  const made = await Promise.all(
    Array.from({ length: LIMITS.linksPerConversation + 10 }, () => ann!.post(`/v1/conversations/${cid}/links`, {})),
  );
  expect(made.filter(({ status }) => status === 201)).toHaveLength(LIMITS.linksPerConversation);
  expect(made.filter(({ body }) => body.code === 'too_large')).toHaveLength(10);
});

test('[COMP-1] making and revoking links is written down, without the code, which the database does not have', async () => {
  const cid = await newChannel();
  const { code, linkId } = await newLink(cid, { maxUses: 2 });
  const rows = await sql<{ text: string }[]>`select l::text as text from invitation_links l where id = ${linkId}`;
  expect(rows).toHaveLength(1);
  expect(rows[0]!.text.toUpperCase()).not.toContain(code);
  await accept(bob!, code);
  await ann!.delete(`/v1/conversations/${cid}/links/${linkId}`);
  const entries = (await readAudit(sql as unknown as Sql, tenant.tid, 0, 1_000)).filter(({ target }) =>
    target.endsWith(linkId),
  );
  expect(entries).toMatchObject([
    { action: 'create_invitation_link', actor: `user:${ann!.uid}`, after: { cid, maxUses: 2, uses: 0 } },
    { action: 'revoke_invitation_link', actor: `user:${ann!.uid}`, before: { cid, maxUses: 2, uses: 1 } },
  ]);
  expect(JSON.stringify(entries)).not.toContain(code);
});
