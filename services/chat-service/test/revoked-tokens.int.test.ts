/** What a revocation stops that was verified before it: each write is judged by the token again, where it is stored. */
import type { RpcToken } from '@messagecore/protocol/bus';
import { ChatError, LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkToken, readTokenStatuses } from '../src/core/identity/identify.ts';
import { generationOf } from '../src/core/identity/revocation.ts';
import { appendBatch } from '../src/core/messages/append-batch.ts';
import { changeMessages, type ChangeItem } from '../src/core/messages/change-message.ts';
import type { GroupCommit } from '../src/core/messages/group-commit.ts';
import { registerDevice } from '../src/core/users/register-device.ts';
import { revokeAllDevices, revokeDevice } from '../src/core/users/revoke-device.ts';
import { updateUser } from '../src/core/users/update-user.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { createDatabase, createRoom, messageTo, newAppender, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let store: Store;
let appender: GroupCommit;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
  appender = newAppender(store);
});

afterAll(() => database.drop());

interface Bearer {
  readonly tid: string;
  readonly uid: string;
  readonly room: Room;
}

const nobodyHears = () => {};
const statusOf = async ({ tid, uid }: Bearer, device: string | undefined) =>
  (await readTokenStatuses(store.sql, [{ tid, sub: uid, dev: device }]))[0]!;

/** As `open` answers it now. */
async function verified(bearer: Bearer, device?: string): Promise<RpcToken> {
  return { device, generation: generationOf(await statusOf(bearer, device)) };
}

async function newBearer(): Promise<Bearer> {
  const room = await createRoom(store, { members: 2 });
  return { tid: room.tid, uid: room.users[1]!, room };
}

const register = (user: Bearer, device: string) => registerDevice(store.sql, nobodyHears, user, device);
const revoke = (user: Bearer, device: string) => revokeDevice(store.sql, nobodyHears, user, device);
const revokeAll = (user: Bearer) => revokeAllDevices(store.sql, nobodyHears, user);
const deactivate = ({ tid, uid }: Bearer) =>
  updateUser(store.sql, nobodyHears, { tid, uid: undefined }, { tid, uid }, { deactivated: true });

/** So many others that the least recently used one goes. */
async function evict(user: Bearer): Promise<void> {
  for (let n = 0; n < LIMITS.devicesPerUser; n += 1) await register(user, `other ${n}`);
}

const codeOf = (outcome: unknown) => (outcome instanceof ChatError ? outcome.code : 'stored');

/** Sends, edits and calls, each beside one of somebody whose token is good. */
async function outcomes({ room, ...bearer }: Bearer, token: RpcToken): Promise<readonly string[]> {
  const own = messageTo(room, { uid: bearer.uid });
  const { seq } = await appender.append(own);
  const sends = await appender.appendAll([messageTo(room), messageTo(room, { uid: bearer.uid, token })]);
  const react: ChangeItem['change'] = { t: 'react', emoji: '👍', on: true };
  const changes = await changeMessages({ sql: store.change, publish: nobodyHears }, [
    { tid: room.tid, cid: room.cid, uid: room.users[0]!, seq, change: react },
    { ...bearer, cid: room.cid, seq, change: react, token },
  ]);
  const called = await checkToken((asked) => statusOf({ room, ...bearer }, asked.dev), bearer, token).catch(
    (error: unknown) => error as ChatError,
  );
  expect([codeOf(sends[0]), codeOf(changes[0])]).toEqual(['stored', 'stored']);
  return [codeOf(sends[1]), codeOf(changes[1]), codeOf(called)];
}

const STORED = ['stored', 'stored', 'stored'];
const REFUSED = ['unauthorized', 'unauthorized', 'unauthorized'];

test.each([
  { name: 'the device', end: (user: Bearer) => revoke(user, 'phone"1"'), refused: REFUSED },
  { name: 'all devices', end: revokeAll, refused: REFUSED },
  { name: 'an eviction', end: evict, refused: REFUSED },
  { name: 'a deactivation', end: deactivate, refused: ['unauthorized', 'unauthorized', 'forbidden'] },
])('[REVK-3] [REVK-6] a registered device is refused after $name, and another one is not', async ({ end, refused }) => {
  const user = await newBearer();
  await register(user, 'phone"1"');
  const phone = await verified(user, 'phone"1"');
  expect(await outcomes(user, phone)).toEqual(STORED);
  await revoke(user, 'tablet');
  expect(await outcomes(user, phone)).toEqual(STORED);
  await end(user);
  expect(await outcomes(user, phone)).toEqual(refused);
  if (end === deactivate) return;
  await register(user, 'phone"1"');
  expect(await outcomes(user, phone)).toEqual(REFUSED);
  expect(await outcomes(user, await verified(user, 'phone"1"'))).toEqual(STORED);
});

test.each([
  { name: 'without a device', device: undefined, end: revokeAll },
  { name: 'signed elsewhere', device: 'phone', end: (user: Bearer) => revoke(user, 'phone') },
  { name: 'signed elsewhere, with all', device: 'phone', end: revokeAll },
])('[REVK-3] [REVK-6] a token $name is refused after its revocation, and not before', async ({ device, end }) => {
  const user = await newBearer();
  const token = await verified(user, device);
  await register(user, 'other');
  await revoke(user, 'other');
  expect(await outcomes(user, token)).toEqual(STORED);
  await end(user);
  expect(await outcomes(user, token)).toEqual(REFUSED);
});

test.each([
  { status: 'suspended', refused: 'tenant_suspended' },
  { status: 'deleted', refused: 'unauthorized' },
])('[REVK-1] [TNT-6] while its tenant is $status a token is refused, and before and after not', async (each) => {
  const user = await newBearer();
  const token = await verified(user);
  const turn = (status: string) => store.sql`update tenants set status = ${status} where id = ${user.tid}`;
  expect(await outcomes(user, token)).toEqual(STORED);
  await turn(each.status);
  expect((await outcomes(user, token)).slice(0, 2)).toEqual([each.refused, each.refused]);
  await turn('active');
  expect(await outcomes(user, token)).toEqual(STORED);
});

test('[REVK-3] [IDM-1] a repeat of what was stored before is answered, and who has a good token repeats by that', async () => {
  const user = await newBearer();
  await register(user, 'phone');
  const phone = await verified(user, 'phone');
  const stored = messageTo(user.room, { uid: user.uid, token: phone });
  const { seq } = await appender.append(stored);
  await revoke(user, 'phone');
  expect(await appender.append(stored)).toMatchObject({ seq, repeat: true });
  const fresh = messageTo(user.room, { uid: user.uid, token: phone });
  const [late, good] = await appender.appendAll([fresh, { ...fresh, token: await verified(user, 'laptop') }]);
  expect([codeOf(late), codeOf(good)]).toEqual(['unauthorized', 'stored']);
});

test('[REVK-3] a revocation is answered when what was judged before it has ended, and nothing else waits', async () => {
  const user = await newBearer();
  await register(user, 'phone');
  const token = await verified(user, 'phone');
  const order: string[] = [];
  let answered: Promise<unknown> = Promise.resolve();
  await store.manage.begin(async (tx) => {
    const { outcomes: judged } = await appendBatch(tx, [messageTo(user.room, { uid: user.uid, token })], []);
    expect(judged.map(codeOf)).toEqual(['stored']);
    answered = revoke(user, 'phone').then(() => order.push('answered'));
    await vi.waitUntil(async () => (await verified(user, 'phone')).generation !== token.generation, 60_000);
    const other = await newBearer();
    for (let n = 0; n < 20; n += 1) await appender.append(messageTo(other.room));
    order.push('stored');
  });
  await answered;
  expect(order).toEqual(['stored', 'answered']);
});
