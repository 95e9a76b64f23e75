import { subjects } from '@messagecore/protocol/bus';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { StreamBus } from './bus.ts';
import { createPublisher } from './publisher.ts';
import type { PullConsumer, PulledMessage } from './pull-consumer.ts';
import { deleteStream, ensureStream } from './stream.ts';
import { connected, text, useNats } from './test-helpers.ts';

const nats = useNats();
const TID = '0d3bfa3e-1c0f-4b3c-9a39-3cf1c3a5d001';
const subject = (topic: 'msg' | 'upd') => subjects.conversation(TID, 'c', topic);
let bus: StreamBus;

beforeEach(async () => {
  bus = await connected(nats.server);
  await deleteStream(bus);
  await ensureStream(bus);
});

let published = 0;
async function publish(...texts: string[]): Promise<void> {
  const publisher = createPublisher(bus, { ackTimeoutMs: 30_000 });
  for (const each of texts) await publisher.publish(subject('msg'), each, `id-${(published += 1)}`);
}

async function open(more: { ackWaitMs?: number; from?: StreamBus } = {}): Promise<PullConsumer> {
  const { ackWaitMs = 30_000, from = bus } = more;
  const consumer = await from.pullConsumer({ name: 'test', subject: 'conv.*.*.msg', ackWaitMs });
  onTestFinished(() => consumer.stop());
  return consumer;
}

/** Takes until there are `count`. */
async function take(consumer: PullConsumer, count: number): Promise<PulledMessage[]> {
  const taken: PulledMessage[] = [];
  while (taken.length < count) {
    const next = await consumer.next(count - taken.length);
    if (next.length === 0) throw new Error('the consumer was stopped');
    taken.push(...next);
  }
  return taken;
}
const texts = (messages: readonly PulledMessage[]) => messages.map(({ payload }) => text(payload));

test('hands out what was published before it was made, in order, and what comes later at once', async () => {
  await publish('1', '2', '3');
  const consumer = await open();
  expect(texts(await take(consumer, 3))).toEqual(['1', '2', '3']);
  const waiting = take(consumer, 1);
  await publish('4');
  expect(texts(await waiting)).toEqual(['4']);
});

test('goes on behind what was acknowledged; what was not is handed out again', async () => {
  await publish('1', '2');
  const first = await open({ ackWaitMs: 1_000 });
  const [one] = await take(first, 2);
  one?.acknowledge();
  await bus.flush();
  await first.stop();
  const again = await open({ from: await connected(nats.server), ackWaitMs: 1_000 });
  const [two] = await take(again, 1);
  expect(text(two!.payload)).toBe('2');
  expect(two!.deliveries).toBe(2);
});

test('a message that is put back comes again', async () => {
  await publish('1');
  const consumer = await open();
  const [message] = await take(consumer, 1);
  message?.retry(10);
  const [again] = await take(consumer, 1);
  expect([text(again!.payload), again!.deliveries]).toEqual(['1', 2]);
});

test('what a process has not looked at when it stops goes to another one', async () => {
  await publish('1', '2', '3');
  const first = await open({ ackWaitMs: 1_000 });
  (await take(first, 1))[0]?.acknowledge();
  await first.stop();
  const again = await open({ from: await connected(nats.server), ackWaitMs: 1_000 });
  // A message may come twice; none may be missing.
  const seen = new Set<string>();
  while (seen.size < 2) for (const each of texts(await take(again, 1))) seen.add(each);
  expect([...seen].toSorted()).toEqual(['2', '3']);
});

test('asks for no more than is wanted: the rest waits at the server', async () => {
  await publish('1', '2', '3', '4', '5');
  const consumer = await open();
  expect(texts(await consumer.next(3))).toEqual(['1', '2', '3']);
  expect(await consumer.state()).toMatchObject({ waiting: 2, unacknowledged: 3 });
  expect(texts(await consumer.next(10))).toEqual(['4', '5']);
});

test('processes divide the messages between them', async () => {
  const ackWaitMs = 2_000;
  const both = [await open({ ackWaitMs }), await open({ ackWaitMs, from: await connected(nats.server) })];
  const seen: string[] = [];
  const all = both.map(async (consumer) => {
    for (let messages = await consumer.next(10); messages.length > 0; messages = await consumer.next(10)) {
      seen.push(...texts(messages));
      for (const message of messages) message.acknowledge();
    }
  });
  const names = Array.from({ length: 200 }, (_, n) => String(n));
  await publish(...names);
  while ((await both[0]!.state()).acknowledgedSeq < 200) await bus.flush();
  await Promise.all(both.map((consumer) => consumer.stop()));
  await Promise.all(all);
  // A message whose acknowledgement was lost comes again.
  expect([...new Set(seen)].toSorted()).toEqual(names.toSorted());
});

test('tells how far it is', async () => {
  await publish('1', '2', '3');
  const consumer = await open();
  const [one] = await take(consumer, 3);
  one?.acknowledge();
  await bus.flush();
  expect(await consumer.state()).toMatchObject({ firstSeq: 1, acknowledgedSeq: 1, waiting: 0, unacknowledged: 2 });
});

test('says so when the stream is gone, and can be opened on the next one', async () => {
  const consumer = await open();
  const refused = consumer.next(1).catch((error: unknown) => error);
  await deleteStream(bus);
  expect(await refused).toMatchObject({ reason: 'refused' });
  await ensureStream(bus);
  const again = await open();
  await publish('1');
  expect(texts(await take(again, 1))).toEqual(['1']);
});
