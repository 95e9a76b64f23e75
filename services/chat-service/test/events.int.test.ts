/** Events from the outbox to whom they are for, on real PostgreSQL and a NATS that is killed. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus, createPublisher, ensureStream } from '@messagecore/bus';
import { type NatsServer, startNats } from '@messagecore/dev-servers';
import type { UserEvent } from '@messagecore/protocol/bus';
import { createLogger, createMetrics } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { addParticipants } from '../src/core/conversations/add-participants.ts';
import type { ConversationDeps } from '../src/core/conversations/conversation-transaction.ts';
import { deleteConversation } from '../src/core/conversations/delete-conversation.ts';
import { updateConversation } from '../src/core/conversations/update-conversation.ts';
import { removeParticipant } from '../src/core/conversations/remove-participant.ts';
import { commitWithEvents, emit, type EmittedEvent, type PublishEvents } from '../src/core/outbox/emit.ts';
import { tenantEvent, userEvent, usersEvents } from '../src/core/outbox/events.ts';
import { startEventPublishing } from '../src/core/relay/publish-events.ts';
import { relayEvents, startEventRelay } from '../src/core/relay/relay-events.ts';
import { createSendEvent, type SendEvent } from '../src/core/relay/send-event.ts';
import { startPublication } from '../src/core/relay/start.ts';
import { tellParticipants } from '../src/core/relay/tell-participants.ts';
import { setTenantStatus } from '../src/core/tenants/suspend-tenant.ts';
import { revokeDevice } from '../src/core/users/revoke-device.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { createDatabase, createRoom, newMid, type Room, type TestDatabase } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'events-'));
let nats: NatsServer;
let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  [nats, database] = await Promise.all([startNats({ dataDir: folder, log: () => {} }), createDatabase()]);
  store = database.store;
});

afterAll(async () => {
  await Promise.all([nats.stop(), database.drop()]);
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await store.sql`truncate outbox, outbox_events, outbox_participants, leases, bus_state`;
});

async function connected(): Promise<Bus> {
  const bus = await connectBus({ url: nats.url, name: 'test', log });
  onTestFinished(() => bus.close());
  return bus;
}

interface Heard {
  readonly subject: string;
  readonly event: Record<string, unknown>;
}

/** Everything that is published about users, tenants and conversations from now on, but frames for those who have not joined. */
async function listen(): Promise<Heard[]> {
  const bus = await connected();
  const heard: Heard[] = [];
  for (const subject of ['user.*.*', 'tenant.*', 'conv.*.*.event']) {
    bus.subscribe(subject, (payload, to) => {
      const [line = ''] = Buffer.from(payload).toString().split('\n');
      const event = JSON.parse(line) as Record<string, unknown>;
      if (event['event'] !== 'frame') heard.push({ subject: to, event });
    });
  }
  await bus.flush();
  return heard;
}

/** The product's own composition, stopped with the test. */
async function publication(bus: Bus, at: Store = store) {
  const running = await startPublication({ ...at, bus, signals: bus, log, metrics: createMetrics('test') });
  onTestFinished(() => running.stop());
  return running;
}

function senderOn(bus: Bus): SendEvent {
  return createSendEvent({ bus, publisher: createPublisher(bus, { ackTimeoutMs: 5_000 }) });
}

function commands(publishEvents: PublishEvents, at: Store = store): ConversationDeps {
  const { sql, manage } = at;
  return { sql, manage, inTurn: (_, work) => work(), publish: () => {}, publishEvents, newMid, onAdded: [] };
}

/** A room whose tenant knows the users, and one more who is not in it. */
async function roomAndNewcomer(): Promise<{ room: Room; newcomer: string }> {
  const room = await createRoom(store, { members: 2 });
  const newcomer = randomUUID();
  await store.sql`
    insert into users (id, tenant_id, external_id, display_name)
    values (${newcomer}, ${room.tid}, ${newcomer}, 'User')`;
  return { room, newcomer };
}

const nobody: PublishEvents = () => {};
const backEnd = ({ tid }: Room) => ({ tid, uid: undefined });
const add = (deps: ConversationDeps, room: Room, uid: string) =>
  addParticipants(deps, backEnd(room), room.cid, { users: [uid], role: 'member' });
const rows = async () => (await store.sql`select from outbox_events`).length;
const largeRows = async () => (await store.sql`select from outbox_participants`).length;
const untilPublished = () => vi.waitUntil(async () => (await rows()) === 0, { timeout: 60_000 });
const toUser = (heard: readonly Heard[], uid: string) =>
  heard.filter(({ subject }) => subject.endsWith(`.${uid}`)).map(({ event }) => event['conv'] ?? event['event']);
const isRoomEvent = ({ subject }: Heard) => subject.startsWith('conv.');

test('[SIG-3] who is added and the room hear of it at once, and nothing is left', async () => {
  const bus = await connected();
  const heard = await listen();
  const { publishEvents } = await publication(bus);
  const { room, newcomer } = await roomAndNewcomer();
  await add(commands(publishEvents), room, newcomer);
  await vi.waitUntil(() => heard.length === 2, 60_000);
  expect(heard.find(isRoomEvent)?.event).toMatchObject({ event: 'added', users: [newcomer], access: 1 });
  expect(toUser(heard, newcomer)).toEqual(['added']);
  await untilPublished();
});

test('[SIG-3] the bus is killed between commit and publication: everything arrives when it is back', async () => {
  const bus = await connected();
  const heard = await listen();
  const { publishEvents } = await publication(bus);
  const { room, newcomer } = await roomAndNewcomer();
  await nats.kill();
  await vi.waitUntil(() => !bus.connected, { timeout: 60_000 });
  const deps = commands(publishEvents);
  await add(deps, room, newcomer);
  await removeParticipant(deps, backEnd(room), room.cid, room.users[1]!);
  await revokeDevice(store.sql, publishEvents, { tid: room.tid, uid: newcomer }, 'phone');
  await setTenantStatus(store.sql, publishEvents, { actor: 'operator', address: '' }, room.tid, 'suspended');
  expect(heard).toEqual([]);
  // Both changes are told to those who have not joined, too.
  expect(await rows()).toBe(8);
  await nats.restart();
  await untilPublished();
  // The listener reconnects by itself, perhaps later than who publishes.
  await vi.waitUntil(() => heard.length === 6, { timeout: 60_000 });
  expect(heard.filter(({ subject }) => subject === `tenant.${room.tid}`)).toHaveLength(1);
  expect(new Set(toUser(heard, newcomer))).toEqual(new Set(['added', 'revoked']));
  expect(toUser(heard, room.users[1]!)).toEqual(['removed']);
  expect(heard.filter(isRoomEvent).map(({ event }) => event['event'])).toEqual(['added', 'removed']);
});

test('[SIG-3] the process is killed after the commit: the relay of another publishes', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const { room, newcomer } = await roomAndNewcomer();
  const dead = database.open();
  await add(commands(nobody, dead), room, newcomer);
  expect(await relayEvents({ sql: store.sql, bus, send: senderOn(bus), log })).toBe(0);
  const heard = await listen();
  await dead.close();
  const relay = startEventRelay({ sql: store.sql, bus, send: senderOn(bus), log });
  onTestFinished(() => relay.stop());
  await untilPublished();
  await vi.waitUntil(() => heard.length === 2, 60_000);
  expect(toUser(heard, newcomer)).toEqual(['added']);
  expect(heard.find(isRoomEvent)?.event).toMatchObject({ event: 'added' });
});

test('a transaction that is taken back leaves no event', async () => {
  const published: EmittedEvent[] = [];
  const failing = commitWithEvents(
    store.sql,
    (events) => void published.push(...events),
    async (_, emitEvents) => {
      await emitEvents(tenantEvent(randomUUID(), { v: 1, event: 'suspended' }));
      throw new Error('no');
    },
  );
  await expect(failing).rejects.toThrow('no');
  expect([published, await rows()]).toEqual([[], 0]);
});

test('[SIG-3] no event overtakes an earlier one about the same that another process left', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const heard = await listen();
  const { room, newcomer } = await roomAndNewcomer();
  const send = senderOn(bus);
  const publishing = startEventPublishing({ sql: store.sql, send, log });
  await add(commands(nobody), room, newcomer);
  await removeParticipant(commands(publishing.publishEvents), backEnd(room), room.cid, newcomer);
  await publishing.stop();
  // Both are there still: the second was not published before the first.
  expect([heard, await rows()]).toEqual([[], 6]);
  while ((await relayEvents({ sql: store.sql, bus, send, log, ageMs: 0 })) > 0);
  await vi.waitUntil(() => heard.length === 4, 60_000);
  expect(toUser(heard, newcomer)).toEqual(['added', 'removed']);
  expect(heard.filter(isRoomEvent).map(({ event }) => event['event'])).toEqual(['added', 'removed']);
});

test('[SIG-3] events of one process about the same keep their order, also when the first is not published', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const heard = await listen();
  const { room, newcomer } = await roomAndNewcomer();
  const send = senderOn(bus);
  let refused = 0;
  const publishing = startEventPublishing({
    ...{ sql: store.sql, log },
    send: async (event) => {
      if (event.topic === 'users' && refused++ === 0) throw new Error('not now');
      await send(event);
    },
  });
  const deps = commands(publishing.publishEvents);
  await add(deps, room, newcomer);
  await removeParticipant(deps, backEnd(room), room.cid, newcomer);
  await publishing.stop();
  while ((await relayEvents({ sql: store.sql, bus, send, log, ageMs: 0 })) > 0);
  await vi.waitUntil(() => toUser(heard, newcomer).length === 2, 60_000);
  expect(toUser(heard, newcomer)).toEqual(['added', 'removed']);
});

test('what a writer may still publish holds up nothing but what follows it', async () => {
  const bus = await connected();
  const [tid, ann, bob] = [randomUUID(), randomUUID(), randomUUID()];
  const event: UserEvent = { v: 1, event: 'revoked', clientId: 'phone' };
  const emitOne = (uid: string) => store.sql.begin((tx) => emit(tx, [userEvent(tid, uid, event)]));
  const [first] = await emitOne(ann);
  const [second] = await emitOne(ann);
  const [other] = await emitOne(bob);
  expect(second!.before).toBe(first!.id);
  expect(other!.before).toBeUndefined();
  await store.sql`update outbox_events set writer_pid = null where id <> ${first!.id}`;
  const sent: number[] = [];
  const send: SendEvent = async ({ id }) => void sent.push(id);
  expect(await relayEvents({ sql: store.sql, bus, send, log })).toBe(1);
  expect(sent).toEqual([other!.id]);
});

test('[LIM-11] many users are a few rows, also those of a conversation that is deleted', async () => {
  const bus = await connected();
  await ensureStream(bus);
  const room = await createRoom(store, { members: 2_500 });
  const told: UserEvent = { v: 1, event: 'conv', cid: room.cid, conv: 'deleted', access: 1 };
  expect(usersEvents(room, room.users, told).map(({ users }) => users?.length)).toEqual([1_000, 1_000, 500]);
  await deleteConversation(commands(nobody), backEnd(room), room.cid);
  expect([await rows(), await largeRows()]).toEqual([1, 1]);
  const heard = await listen();
  const send = senderOn(bus);
  while ((await relayEvents({ sql: store.sql, bus, send, log, ageMs: 0 })) > 0);
  await tellParticipants({ sql: store.sql, send });
  expect(await largeRows()).toBe(0);
  await vi.waitUntil(() => heard.length === 2_501, { timeout: 60_000 });
  expect(new Set(heard.map(({ subject }) => subject)).size).toBe(2_501);
  expect(heard.find(({ subject }) => subject.endsWith(room.users[7]!))?.event).toEqual(told);
});

test('[LIM-11] what is told to all of a large conversation stays until the bus has it, and is told by one instance', async () => {
  const room = await createRoom(store, { members: 300 });
  const changed = { name: 'renamed' };
  await updateConversation(commands(nobody), backEnd(room), room.cid, changed);
  await updateConversation(commands(nobody), backEnd(room), room.cid, changed);
  expect([await rows(), await largeRows()]).toEqual([2, 2]);
  const told: string[] = [];
  const send: SendEvent = async ({ users = [], payload }) => {
    if (told.length === 0) {
      told.push('failed');
      throw new Error('the bus is away');
    }
    // Another instance at the same time.
    await tellParticipants({ sql: store.sql, send: async () => void told.push('twice') });
    told.push(`${users.length} ${payload.split('\n')[1]}`);
  };
  await expect(tellParticipants({ sql: store.sql, send })).rejects.toThrow('the bus is away');
  expect(await largeRows()).toBe(2);
  await tellParticipants({ sql: store.sql, send });
  expect(told).toEqual(['failed', `300 ${JSON.stringify({ t: 'conv', cid: room.cid, event: 'changed' })}`]);
  expect(await largeRows()).toBe(0);
});

test('[LIM-11] between two chunks of users others have their turn', async () => {
  const bus = await connected();
  const paused: (() => void)[] = [];
  const send = createSendEvent({ bus, publisher: { publish: vi.fn() }, defer: (fn) => void paused.push(fn) });
  const heard = await listen();
  const [tid, cid] = [randomUUID(), randomUUID()];
  const users = Array.from({ length: 250 }, () => randomUUID());
  const [event] = usersEvents({ tid, cid }, users, { v: 1, event: 'conv', cid, conv: 'added' });
  const sent = send({ ...event!, id: 1 });
  await vi.waitUntil(() => heard.length === 100, 60_000);
  await send({ ...userEvent(tid, 'small', { v: 1, event: 'revoked' }), id: 2 });
  await vi.waitUntil(() => heard.length === 101, 60_000);
  for (let pauses = 0; pauses < 2; pauses += 1) {
    await vi.waitUntil(() => paused.length > 0, 60_000);
    paused.shift()?.();
  }
  await sent;
  await vi.waitUntil(() => heard.length >= 251, 60_000);
  expect(new Set(heard.map(({ subject }) => subject)).size).toBe(251);
});
