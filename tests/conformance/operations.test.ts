/** Every operation, over REST and as a `call`: the same answer, the same rights, nothing across tenants (CALL). */
import { LIMITS, type UpFrameOf } from '@messagecore/protocol';
import { RPC_QUEUE, subjects } from '@messagecore/protocol/bus';
import { type Operation, OPERATIONS, pathArguments } from '@messagecore/protocol/features';
import { call, type CallOptions, must, type RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;
let foreign: Room<'eve'>;

beforeAll(async () => {
  system = await startSystem();
  [room, foreign] = await Promise.all([newRoom(system, 'ann', 'bob'), newRoom(system, 'eve')]);
});
afterAll(() => system.stop());

type Args = Record<string, unknown>;
/** Arguments that are right for a participant of the conversation. A new operation is given its own here. */
const SAMPLES: Record<(typeof OPERATIONS)[number]['name'], (cid: string) => Args> = {
  'devices.list': () => ({}),
  'devices.revoke': () => ({ clientId: 'lost-phone' }),
  'devices.revokeAll': () => ({}),
  'participants.list': (cid) => ({ cid, limit: 10 }),
  'conversations.read': (cid) => ({ cid, pos: 0 }),
};
/** Those that end the session which asks, perhaps before it is answered. */
const ENDS_SESSION: readonly string[] = ['devices.revokeAll'];

const operations: readonly Operation[] = OPERATIONS;
const sampleOf = ({ name }: Operation, cid: string): Args => SAMPLES[name as keyof typeof SAMPLES](cid);

function overRest(operation: Operation, args: Args, headers: CallOptions['headers']) {
  const named = pathArguments(operation);
  const path = named.reduce(
    (url, name) => url.replace(`:${name}`, encodeURIComponent(String(args[name]))),
    operation.path,
  );
  const rest = Object.entries(args).filter(([name]) => !named.includes(name));
  const query = new URLSearchParams(rest.map(([name, value]): [string, string] => [name, String(value)])).toString();
  const options = { ...(headers !== undefined && { headers }) };
  if (operation.method === 'GET') return call('GET', `${system.api}${path}?${query}`, options);
  const body = rest.length > 0 ? { body: Object.fromEntries(rest) } : {};
  return call(operation.method, system.api + path, { ...options, ...body });
}

function frameOf({ name, laned }: Operation, { cid, ...others }: Args, ref: string): UpFrameOf<'call'> {
  if (laned) return { t: 'call', op: name, ref, cid: String(cid), args: others };
  return { t: 'call', op: name, ref, args: cid === undefined ? others : { cid, ...others } };
}

let refs = 0;
/** The one answer to a call. */
async function answerTo(client: RawClient, frame: UpFrameOf<'call'>) {
  client.sendFrame(frame);
  const answers = () =>
    client.frames.filter((each) => (each.t === 'result' || each.t === 'error') && each.ref === frame.ref);
  await client.record.until(`an answer to ${frame.op}`, () => answers().length > 0);
  await client.settle();
  expect(answers()).toHaveLength(1);
  return answers()[0]!;
}
const callOf = (client: RawClient, operation: Operation, args: Args) =>
  answerTo(client, frameOf(operation, args, `call${(refs += 1)}`));

describe.each(operations.map((operation) => [operation.name, operation] as const))('%s', (name, operation) => {
  test.each(['json', 'msgpack'] as const)(
    '[CALL-1] [ANS-1] REST and call do and answer the same (%s)',
    async (encoding) => {
      const args = sampleOf(operation, room.cid);
      const [one, other] = await Promise.all([room.tenant.user('ann'), room.tenant.user('ann')]);
      const client = await system.connect(one, { encoding });
      if (ENDS_SESSION.includes(name)) {
        client.sendFrame(frameOf(operation, args, 'last'));
        expect((await client.closed).code).toBe(4401);
        expect((await overRest(operation, args, (await room.tenant.user('ann')).auth)).status).toBe(204);
        return;
      }
      const { status, body } = await overRest(operation, args, other.auth);
      const expected = operation.result === undefined ? {} : { data: body };
      expect(status).toBe(operation.result === undefined ? 204 : 200);
      const lane = operation.laned ? { cid: room.cid } : {};
      expect(await callOf(client, operation, args)).toEqual({
        t: 'result',
        ref: expect.any(String),
        ...lane,
        ...expected,
      });
    },
  );

  test('[ISO-1] [ISO-3] [CALL-2] what is of another tenant is not found, and of others’ conversations one is no member', async () => {
    const args = sampleOf(operation, room.cid);
    if (args['cid'] === undefined) return;
    const { auth } = foreign.users.eve;
    expect(await overRest(operation, args, auth)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const eve = await system.connect(foreign.users.eve);
    expect(await callOf(eve, operation, args)).toMatchObject({ t: 'error', code: 'not_found' });
    const stranger = await room.tenant.user('stranger');
    expect(await overRest(operation, args, stranger.auth)).toMatchObject({ status: 403, body: { code: 'not_member' } });
    const session = await system.connect(stranger);
    expect(await callOf(session, operation, args)).toMatchObject({ t: 'error', code: 'not_member' });
  });

  test('[ERR-1] nobody may without a token, no key without its scope, and where a user acts no key for nobody', async () => {
    const args = sampleOf(operation, room.cid);
    expect((await overRest(operation, args, {})).status).toBe(401);
    const { adminKey, tenantId } = room.tenant;
    const needed = operation.method === 'GET' ? 'read' : 'write';
    const key = async (scopes: string[]) => {
      const { apiKey } = await must<{ apiKey: string }>('POST', `${system.api}/admin/v1/tenants/${tenantId}/keys`, {
        headers: { 'x-admin-key': adminKey },
        body: { name: 'test', scopes },
      });
      return { 'x-api-key': apiKey };
    };
    const others = await key(['read', 'write', 'tokens'].filter((scope) => scope !== needed));
    expect(await overRest(operation, args, others)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const own = await key([needed]);
    const expected = operation.access === 'user' ? 400 : operation.result === undefined ? 204 : 200;
    expect((await overRest(operation, args, own)).status).toBe(expected);
  });

  test('[CALL-2] [CALL-3] arguments that do not fit are refused, and nothing is done', async () => {
    const client = await system.connect(await room.tenant.user('bob'));
    const args = sampleOf(operation, room.cid);
    const rest = Object.keys(args).filter((argument) => !(operation.laned && argument === 'cid'));
    for (const argument of rest) {
      const answer = await callOf(client, operation, { ...args, [argument]: { not: 'this' } });
      expect(answer).toMatchObject({ t: 'error', code: 'bad_request', msg: expect.stringContaining(argument) });
    }
    const frame = frameOf(operation, { ...args, cid: room.cid }, 'misplaced');
    const misplaced = operation.laned
      ? { ...frame, cid: undefined, args: { ...frame.args, cid: room.cid } }
      : { ...frame, cid: room.cid };
    const refused = await answerTo(client, JSON.parse(JSON.stringify(misplaced)) as UpFrameOf<'call'>);
    expect(refused).toMatchObject({ t: 'error', code: 'bad_request', msg: expect.stringContaining('cid') });
  });
});

test('names of operations, and their routes, are unique, and each is in the contract', async () => {
  expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
  expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length);
  const { paths } = await must<{ paths: Record<string, Record<string, { summary: string }>> }>(
    'GET',
    `${system.api}/openapi.json`,
  );
  for (const { method, path, summary } of operations)
    expect(paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]).toMatchObject({ summary });
});

test('[CALL-2] an operation that is none is not found, whatever its name', async () => {
  const client = await system.connect(await room.tenant.user('ann'));
  for (const op of ['devices.explode', 'constructor.name', 'a.b.c'])
    expect(await answerTo(client, { t: 'call', op, ref: op })).toMatchObject({ t: 'error', code: 'not_found' });
});

test('[CALL-3] laned calls of one conversation are carried out in the order sent', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const [ann, bob] = [await system.connect(users.ann), await system.connect(users.bob)];
  const head = await ann.sayAndWait(cid, 'one');
  const positions = Array.from({ length: 10 }, (_, n) => (n < 5 ? 0 : head));
  for (const [n, pos] of positions.entries())
    bob.sendFrame({ t: 'call', op: 'conversations.read', ref: `p${n}`, cid, args: { pos } });
  await bob.record.until('all answers', () => bob.record.of('result').length === positions.length);
  const stored = bob.record.of('result').map(({ data }) => (data as { pos: number }).pos);
  expect(stored).toEqual(stored.toSorted((a, b) => a - b));
  expect(stored.at(-1)).toBe(head);
});

test('[CALL-4] so many calls may wait for their answer, and each has one', async () => {
  const client = await system.connect(await room.tenant.user('ann'));
  const refs = Array.from({ length: 60 }, (_, n) => `w${n}`);
  for (const ref of refs) client.sendFrame({ t: 'call', op: 'devices.list', ref });
  const answers = () => client.frames.filter(({ t }) => t === 'result' || t === 'error');
  await client.record.until('all answers', () => answers().length >= refs.length);
  await client.settle();
  expect(
    answers()
      .map((frame) => ('ref' in frame ? frame.ref : ''))
      .toSorted(),
  ).toEqual(refs.toSorted());
  expect(client.record.of('result').length).toBeGreaterThanOrEqual(LIMITS.callsInFlight);
  for (const { code, retryAfterMs } of client.record.of('error')) {
    expect(code).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(0);
  }
});

test('[CALL-5] [ANS-1] a call that a chat-service took and did not answer is unavailable, once, and asked of no other', async () => {
  const client = await system.connect(await room.tenant.user('ann'));
  let swallowed = 0;
  const dead = system.bus.serve(subjects.rpc('call'), RPC_QUEUE, () => {
    swallowed += 1;
    return new Promise(() => {});
  });
  await system.bus.flush();
  try {
    const refs = Array.from({ length: LIMITS.callsInFlight }, (_, n) => `s${n}`);
    for (const ref of refs) client.sendFrame({ t: 'call', op: 'devices.list', ref });
    const answers = () => [...client.record.of('result'), ...client.record.of('error')];
    await client.record.until('all answers', () => answers().length >= refs.length);
    await client.settle();
    expect(
      answers()
        .map(({ ref }) => ref)
        .toSorted(),
    ).toEqual(refs.toSorted());
    expect(client.record.of('error').map(({ code }) => code)).toEqual(
      Array.from({ length: swallowed }, () => 'unavailable'),
    );
    expect(swallowed).toBeGreaterThan(0);
  } finally {
    void dead.stop();
  }
});
