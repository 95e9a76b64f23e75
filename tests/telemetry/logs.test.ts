import { call, must, newMid, OtlpReceiver, type TestTenant } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinAll, newRoom } from '../support/room.ts';
import { JWT_SECRET, startSystem, type System } from '../support/system.ts';

type Entry = Readonly<Record<string, unknown>>;

const lines: string[] = [];
let receiver: OtlpReceiver;
let system: System;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const tracing = { endpoint: receiver.endpoint, headers: { authorization: 'key of the receiver' }, ratio: 0 };
  const telling = { tracing, logLevel: 'trace', logTo: { write: (line: string) => void lines.push(line) } };
  system = await startSystem({ gateway: telling, chatService: telling });
});
afterAll(async () => {
  await system.stop();
  await receiver.stop();
});

const entries = (): Entry[] => lines.map((line) => JSON.parse(line) as Entry);
const saying = (msg: string, about: Entry): Entry[] =>
  entries().filter((entry) => entry['msg'] === msg && Object.entries(about).every(([name, is]) => entry[name] === is));

const operate = (tenant: TestTenant, body: object) =>
  call<{ watches: object[] }>('PATCH', `${system.api}/admin/v1/system`, {
    headers: { 'x-admin-key': tenant.adminKey },
    body,
  });

test('what an operator watches is logged and traced in full, and nothing else is; it ends by itself', async () => {
  const [watched, other] = [await newRoom(system, 'ann', 'bob'), await newRoom(system, 'cay')];
  const { ann } = await joinAll(system, watched);
  const { cay } = await joinAll(system, other);
  const until = Date.now() + 3_600_000 - 60_000;
  const watch = { tenantId: watched.tid, conversationId: watched.cid, until };
  const { body } = await operate(watched.tenant, { watches: [watch] });
  expect(body.watches).toEqual([watch]);
  let mid = '';
  const isFollowed = async () => {
    mid = ann.say(watched.cid, 'a text in no log');
    await ann.record.next('ack', { mid });
    return saying('message sent', { mid }).length > 0 && saying('message stored', { mid }).length > 0;
  };
  await expect.poll(isFollowed).toBe(true);
  const about = { tid: watched.tid, cid: watched.cid, uid: watched.users.ann.userId };
  const [sent] = saying('message sent', { ...about, mid });
  expect(saying('message stored', { ...about, mid })[0]).toMatchObject({
    name: 'chat-service',
    trace: sent?.['trace'],
  });
  expect(saying('frame received', { ...about, frame: 'send' }).length).toBeGreaterThan(0);
  const isTraced = () => receiver.spans.some(({ traceId, name }) => traceId === sent?.['trace'] && name === 'deliver');
  await expect.poll(isTraced).toBe(true);
  await cay.sayAndWait(other.cid, 'a text of somebody else');
  expect(entries().filter(({ tid }) => tid === other.tid)).toEqual([]);

  await operate(watched.tenant, { watches: [{ ...watch, until: Date.now() + 3_000 }] });
  const isOver = async () => {
    mid = ann.say(watched.cid, 'a text in no log');
    await ann.record.next('ack', { mid });
    return saying('message sent', { mid }).length + saying('message stored', { mid }).length === 0;
  };
  await expect.poll(isOver).toBe(true);
});

test('a watch is of one conversation or user, and within an hour', async () => {
  const { tenant, tid, cid, users } = await newRoom(system, 'ann');
  const soon = Date.now() + 60_000;
  const refused = [
    { tenantId: tid, until: soon },
    { tenantId: tid, conversationId: cid, userId: users.ann.userId, until: soon },
    { tenantId: tid, conversationId: cid, until: Date.now() - 1 },
    { tenantId: tid, conversationId: cid, until: Date.now() + 7_200_000 },
  ];
  for (const watch of refused) expect((await operate(tenant, { watches: [watch] })).status).toBe(400);
  const many = Array.from({ length: 17 }, () => ({ tenantId: tid, conversationId: cid, until: soon }));
  expect((await operate(tenant, { watches: many })).status).toBe(400);
});

test('no log of either service has a secret or a text, at the finest level and with everything watched', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { tenant, tid, cid, users } = room;
  const until = Date.now() + 600_000;
  const watches = [
    { tenantId: tid, conversationId: cid, until },
    { tenantId: tid, userId: users.ann.userId, until },
  ];
  await operate(tenant, { watches });
  const { ann } = await joinAll(system, room);
  const text = 'planted text 7c1e';
  await expect
    .poll(async () => {
      const mid = ann.say(cid, text);
      await ann.record.next('ack', { mid });
      return saying('message sent', { mid }).length;
    })
    .toBe(1);
  const rest = (method: string, path: string, body?: object, headers: object = users.ann.auth) =>
    call(method, `${system.api}${path}`, { headers: { ...headers }, ...(body !== undefined && { body }) });
  const mid = newMid();
  await rest('POST', `/v1/conversations/${cid}/messages`, { mid, clientId: 'x', kind: 'text', body: { text } });
  await rest('POST', `/v1/conversations/${cid}/messages`, { mid, clientId: 'x', kind: 'text', body: { words: text } });
  await rest('PUT', `/v1/conversations/${cid}/draft`, { text });
  await rest('GET', `/v1/conversations?token=${users.ann.token}`, undefined, {});
  await rest('POST', '/v1/tokens', { user: 'ext:x' }, { 'x-api-key': `${tenant.apiKey}x` });
  await rest('GET', '/admin/v1/system', undefined, { 'x-admin-key': 'planted admin key' });
  await rest('POST', '/v1/auth/sign-in', { email: 'ann@example.com', password: 'planted password' });
  await rest('POST', '/v1/auth/confirm', { token: 'planted-mail-code' }, {});
  const eve = system.dial({ token: `${users.bob.token}x` });
  await eve.closed;
  expect(saying('operation carried out', { tid }).length).toBeGreaterThan(0);
  const all = lines.join('\n');
  const secrets = [
    ...[text, JWT_SECRET, tenant.apiKey, tenant.adminKey, 'key of the receiver', 'planted admin key'],
    ...[users.ann.token, users.bob.token, 'planted password', 'planted-mail-code'],
  ];
  for (const secret of secrets) expect(all.includes(secret), secret).toBe(false);
  expect(Buffer.concat(receiver.bodies).includes(text)).toBe(false);
  await must('PATCH', `${system.api}/admin/v1/system`, {
    headers: { 'x-admin-key': tenant.adminKey },
    body: { watches: [] },
  });
});
