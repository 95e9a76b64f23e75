/** Kinds of messages, and those that tenants define (KIND). */
import { waitUntil } from '@messagecore/dev-servers';
import { LIMITS, type Message } from '@messagecore/protocol';
import { kindOperations as operations, type TenantKind } from '@messagecore/protocol/features';
import { call, must, newMid, type TestTenant, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOf } from '../support/operations.ts';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2, chatServices: 2 });
});
afterAll(() => system.stop());

const FILE = { fileId: '5d0c7a52-7e5c-4f0e-9f0b-3c8a4e7a1b2d', name: 'a.pdf', type: 'application/pdf', bytes: 1 };

interface Answer {
  readonly code?: string;
  readonly detail?: string;
  readonly seq: number;
  readonly errors?: readonly { readonly path: string }[];
}

const sendTo = (api: string, user: TestUser, cid: string, kind: string, body: object) =>
  call<Answer>('POST', `${api}/v1/conversations/${cid}/messages`, {
    headers: user.auth,
    body: { mid: newMid(), kind, body },
  });
const send = (user: TestUser, cid: string, kind: string, body: object) => sendTo(system.api, user, cid, kind, body);
const put = (tenant: TestTenant, kind: string, schema: object, headers: Record<string, string> = tenant.backEnd) =>
  call<TenantKind & Answer>('PUT', `${system.api}/v1/message-kinds/${kind}`, { headers, body: { schema } });
const pathsOf = ({ errors = [] }: Answer) => errors.map(({ path }) => path);

const ORDER = {
  type: 'object',
  required: ['number'],
  properties: { number: { type: 'integer' }, lines: { type: 'array', items: { type: 'string', maxLength: 5 } } },
};

test('[KIND-1] bodies of the known kinds are stored without what they do not know, and reach everybody', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const bob = await system.connect(users.bob, { gateway: 1, encoding: 'msgpack' });
  await bob.join(cid);
  const ann = await system.connect(users.ann);
  const place = { lat: 39.9163447, lng: 116.3907955, name: '故宫\u0000' };
  const card = { title: 'Lunch', elements: [{ type: 'button', id: 'yes', label: 'Yes' }] };
  const first = await ann.sayAndWait(cid, '', { kind: 'location', body: { altitude: 50, ...place } });
  const { seq: second } = (await send(users.ann, cid, 'card', { ...card, html: '<b>' })).body;
  expect(await bob.record.next('message', { cid, seq: first })).toMatchObject({ kind: 'location', body: place });
  expect(await bob.record.next('message', { cid, seq: second })).toMatchObject({ kind: 'card', body: card });
  expect(bob.record.messages(cid)[0]?.body).toEqual(place);
  const refused = await send(users.ann, cid, 'location', { lat: 91, name: '' });
  expect([refused.status, pathsOf(refused.body)]).toEqual([400, ['body.lat', 'body.lng', 'body.name']]);
  ann.say(cid, '', { kind: 'location', body: { lat: 91, lng: 0 } });
  expect(await ann.record.next('error')).toMatchObject({
    code: 'bad_request',
    msg: expect.stringMatching(/body\.lat/),
  });
});

test('[KIND-2] [SEND-5] a message that names a file is refused with a word why, as long as there are no uploads', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  for (const kind of ['image', 'file', 'audio', 'video']) {
    const { status, body } = await send(users.ann, cid, kind, FILE);
    expect([status, body.code, body.detail]).toEqual([400, 'unsupported_kind', expect.stringContaining('no files')]);
  }
});

test('[KIND-3] Markdown is passed on as it was typed, with what clients do not render', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const bob = await system.connect(users.bob, { gateway: 1 });
  await bob.join(cid);
  const body = { text: '**bold** <script>alert(1)</script> [x](javascript:y)\r\n\t&amp; ~~gone~~', format: 'markdown' };
  const { seq } = (await send(users.ann, cid, 'text', body)).body;
  expect((await bob.record.next('message', { cid, seq })).body).toEqual(body);
});

test('[KIND-4] a tenant’s own kind is checked by its schema, in sends and edits, over REST and frames', async () => {
  const { cid, tenant, users } = await newRoom(system, 'ann', 'bob');
  const { status } = await put(tenant, 'x-order', ORDER);
  expect(status).toBe(200);
  const ann = await system.connect(users.ann);
  await ann.join(cid);
  const seq = await ann.sayAndWait(cid, '', { kind: 'x-order', body: { lines: ['tea'], more: 1, number: 7 } });
  const message = await ann.record.next('message', { cid, seq });
  expect(JSON.stringify(message.body)).toBe('{"number":7,"lines":["tea"]}');
  const refused = await send(users.ann, cid, 'x-order', { number: '7', lines: ['a', 'too long'] });
  expect([refused.status, refused.body.code]).toEqual([400, 'bad_request']);
  expect(pathsOf(refused.body).toSorted()).toEqual(['body.lines.1', 'body.number']);

  const url = `${system.api}/v1/conversations/${cid}/messages/${seq}`;
  const edit = (body: object) => call<Message & Answer>('PATCH', url, { headers: users.ann.auth, body: { body } });
  expect((await edit({ number: 8, lines: 'tea' })).body).toMatchObject({ code: 'bad_request' });
  expect((await edit({ number: 8, other: 1 })).body).toMatchObject({ body: { number: 8 }, edited: true });
  ann.sendFrame({ t: 'edit', cid, seq, body: {}, ref: 'none' });
  expect(await ann.record.next('error', { ref: 'none' })).toMatchObject({ code: 'bad_request' });
});

test('[KIND-1] a body that is far too long is refused, whatever its kind would make of it', async () => {
  const { tenant, users, cid } = await newRoom(system, 'ann');
  const required = range(1, 200).map((n) => `f${n}`);
  await put(tenant, 'x-order', {
    type: 'object',
    properties: { lines: { type: 'array', items: { type: 'object', required } } },
  });
  const lines = Array.from({ length: 300_000 }, () => ({}));
  for (const [kind, body] of [
    ['x-order', { lines }],
    ['card', { title: 'x', elements: lines }],
    ['text', { text: 'x', lines }],
  ] as const)
    expect((await send(users.ann, cid, kind, body)).body.code).toBe('too_large');
});

test('[KIND-4] other kinds of the name space are unknown, in another tenant too', async () => {
  const [one, two] = await Promise.all([newRoom(system, 'ann'), newRoom(system, 'ann')]);
  await put(one.tenant, 'x-order', ORDER);
  for (const [room, kind] of [
    [one, 'x-other'],
    [one, 'x-__proto__'],
    [two, 'x-order'],
  ] as const) {
    expect((await send(room.users.ann, room.cid, kind, { number: 1 })).body.code).toBe('unsupported_kind');
  }
  expect((await send(one.users.ann, one.cid, 'x-order', { number: 1 })).status).toBe(201);
});

test('[KIND-4] what one session pipelines keeps its order, though some of it is of a kind that must be looked up', async () => {
  const { cid, tenant, users } = await newRoom(system, 'ann');
  await put(tenant, 'x-order', ORDER);
  const ann = await system.connect(users.ann);
  await ann.join(cid);
  for (const n of range(1, 40)) {
    if (n % 2 === 0) ann.say(cid, String(n));
    else ann.say(cid, '', { kind: 'x-order', body: { number: n } });
  }
  const said = () => ann.record.messages(cid).map(({ body }) => Number(body['text'] ?? body['number']));
  await ann.record.until('all of them', () => said().length === 40);
  expect(said()).toEqual(range(1, 40));
});

test('[KIND-6] a change of a schema holds at every chat-service, and what was sent stays', async () => {
  const { cid, tenant, users } = await newRoom(system, 'ann');
  const services = system.chatServices.map(({ url }) => url);
  await put(tenant, 'x-order', ORDER);
  for (const api of services) expect((await sendTo(api, users.ann, cid, 'x-order', { number: 1 })).status).toBe(201);
  await put(tenant, 'x-order', { type: 'object', required: ['code'], properties: { code: { type: 'string' } } });
  for (const api of services) {
    await waitUntil('the new schema', async () => {
      const { body } = await sendTo(api, users.ann, cid, 'x-order', { number: 1 });
      return body.code === 'bad_request';
    });
    expect((await sendTo(api, users.ann, cid, 'x-order', { code: 'a' })).status).toBe(201);
  }
  await must('DELETE', `${system.api}/v1/message-kinds/x-order`, { headers: tenant.backEnd });
  for (const api of services) {
    await waitUntil('the end of the kind', async () => {
      const { body } = await sendTo(api, users.ann, cid, 'x-order', { code: 'a' });
      return body.code === 'unsupported_kind';
    });
  }
  const page = await must<{ items: Message[] }>('GET', `${system.api}/v1/conversations/${cid}/messages`, {
    headers: users.ann.auth,
  });
  expect(page.items.find(({ kind }) => kind === 'x-order')?.body).toEqual({ number: 1 });
  const { seq } = page.items.find(({ kind }) => kind === 'x-order') ?? { seq: 0 };
  const url = `${system.api}/v1/conversations/${cid}/messages/${seq}`;
  const edited = await call<Answer>('PATCH', url, { headers: users.ann.auth, body: { body: { code: 'b' } } });
  expect(edited.body.code).toBe('unsupported_kind');
  const body = { seqs: [seq], mids: [newMid()], to: await tenant.channel(users.ann) };
  const forwarded = await call<Answer>('POST', `${system.api}/v1/conversations/${cid}/forward`, {
    ...{ headers: users.ann.auth, body },
  });
  expect(forwarded.body.code).toBe('unsupported_kind');
});

test('[KIND-5] a schema that could cost more than a body is worth is refused, and so is one kind too many', async () => {
  const { tenant } = await newRoom(system, 'ann');
  const object = (properties: object) => ({ type: 'object', properties });
  const bad: readonly (readonly [string, object, string])[] = [
    ['x-order', object({ a: { type: 'string', pattern: '(a+)+$' } }), 'schema.properties.a'],
    ['x-order', object({ a: { $ref: 'https://example.com/x.json' } }), 'schema.properties.a'],
    ['x-order', object({ a: { type: 'string', description: 'x'.repeat(LIMITS.kindSchemaBytes) } }), 'schema'],
    ['x-order', JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as object, 'schema'],
    ['order', ORDER, 'kind'],
    ['x-Order', ORDER, 'kind'],
  ];
  for (const [kind, schema, path] of bad) {
    const { status, body } = await put(tenant, kind, schema);
    expect([status, pathsOf(body)]).toEqual([400, [path]]);
  }
  for (const n of range(1, LIMITS.kindsPerTenant)) expect((await put(tenant, `x-${n}`, ORDER)).status).toBe(200);
  expect((await put(tenant, 'x-more', ORDER)).body.code).toBe('too_large');
  expect((await put(tenant, 'x-1', ORDER)).status).toBe(200);
});

test('[KIND-4] the tenant’s admins define kinds, everybody may know them, and the log says who did', async () => {
  const { tenant, users } = await newRoom(system, 'ann');
  const { body: set } = await put(tenant, 'x-order', ORDER);
  const refused = await put(tenant, 'x-order', ORDER, users.ann.auth);
  expect(refused.body.code).toBe('forbidden');
  const ann = await system.connect(users.ann);
  const listed = await callOf(ann, operations.listKinds, {});
  expect(listed).toMatchObject({ data: { items: [set] } });
  expect(JSON.stringify(set.schema)).toBe(JSON.stringify(ORDER));
  await must('DELETE', `${system.api}/v1/message-kinds/x-order`, { headers: tenant.backEnd });
  await must('DELETE', `${system.api}/v1/message-kinds/x-order`, { headers: tenant.backEnd });
  const log = await must<{ items: { action: string; target: string }[] }>('GET', `${system.api}/v1/tenant/audit`, {
    headers: tenant.backEnd,
  });
  const actions = log.items.filter(({ target }) => target === 'message-kind:x-order').map(({ action }) => action);
  expect(actions.toSorted()).toEqual(['remove_message_kind', 'set_message_kind']);
});
