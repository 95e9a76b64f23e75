import { waitUntil } from '@messagecore/dev-servers';
import { OtlpReceiver, type ReceivedSpan } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let receiver: OtlpReceiver;
let system: System;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const tracing = { endpoint: receiver.endpoint, headers: {}, ratio: 1 };
  system = await startSystem({ gateway: { tracing }, chatService: { tracing } });
});
afterAll(async () => {
  await system.stop();
  await receiver.stop();
});

/** The trace of a message, once it has so many spans of these names. */
async function traceOf(mid: string, counts: Readonly<Record<string, number>>): Promise<readonly ReceivedSpan[]> {
  let spans: readonly ReceivedSpan[] = [];
  const isWhole = () => {
    const send = receiver.spans.find(
      ({ name, attributes }) => name === 'send' && attributes['messagecore.message_id'] === mid,
    );
    spans = receiver.spans.filter(({ traceId }) => traceId === send?.traceId);
    return Object.entries(counts).every(([name, count]) => named(spans, name).length >= count);
  };
  await waitUntil(`the trace of ${mid}`, isWhole);
  return spans;
}

const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter((span) => span.name === name);

test('one trace leads from the send frame to every gateway with a listener and to every consumer', async () => {
  const room = await newRoom(system, 'ann', 'bob', 'cay', 'dan');
  const { ann } = await joinAll(system, room);
  const mid = ann.say(room.cid, 'a text that no trace has');
  const { pos } = await ann.record.next('ack', { mid });
  const spans = await traceOf(mid, { send: 1, store: 1, publish: 1, deliver: 2, consume: 1 });
  const [send] = named(spans, 'send');
  const [publish] = named(spans, 'publish');
  // A gateway on a slow machine asks twice: the spans of the second time are there too.
  const stores = named(spans, 'store');
  const store = stores.find(({ attributes }) => attributes['messagecore.repeat'] === false);
  expect(send).toMatchObject({
    ...{ service: 'gateway', parentSpanId: '', failed: false },
    attributes: {
      'messagecore.tenant_id': room.tid,
      'messagecore.conversation_id': room.cid,
      'messagecore.user_id': room.users.ann.userId,
    },
  });
  expect(store).toMatchObject({
    ...{ service: 'chat-service', parentSpanId: send?.spanId },
    attributes: { 'messagecore.seq': pos },
  });
  for (const commit of named(spans, 'commit'))
    expect(stores.map(({ spanId }) => spanId)).toContain(commit.parentSpanId);
  expect(publish).toMatchObject({ service: 'chat-service', parentSpanId: store?.spanId });
  const deliveries = named(spans, 'deliver');
  expect(deliveries.map(({ attributes }) => attributes['members'])).toEqual([2, 2]);
  expect(new Set(deliveries.map(({ instance }) => instance)).size).toBe(2);
  const usage = named(spans, 'consume').filter(({ attributes }) => attributes['consumer'] === 'usage');
  for (const span of [...deliveries, ...usage]) expect(span.parentSpanId).toBe(publish?.spanId);
  expect(usage).toHaveLength(1);
  expect(receiver.faults).toEqual([]);
  expect(Buffer.concat(receiver.bodies).includes('a text that no trace has')).toBe(false);
});

test('sends that are committed together are told apart, and the commit is linked to all of them', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { ann } = await joinAll(system, room);
  const mids = Array.from({ length: 12 }, (_, n) => ann.say(room.cid, `${n}`));
  const whole = { send: 1, store: 1, commit: 0, deliver: 2 };

  const traces = await Promise.all(mids.map((mid) => traceOf(mid, whole)));
  expect(new Set(traces.map(([span]) => span?.traceId)).size).toBe(mids.length);
  for (const spans of traces) {
    expect(named(spans, 'store')[0]?.parentSpanId).toBe(named(spans, 'send')[0]?.spanId);
    expect(new Set(named(spans, 'deliver').map(({ instance }) => instance)).size).toBe(2);
  }
  const commits = traces.flatMap((spans) => named(spans, 'commit'));
  const covered = commits.flatMap((commit) => [commit, ...commit.links].map(({ traceId }) => traceId));
  expect(new Set(covered)).toEqual(new Set(traces.map(([span]) => span?.traceId)));
  expect(commits.some(({ links }) => links.length > 0)).toBe(true);
});

test('a send that is refused has a trace that failed, with its code', async () => {
  const room = await newRoom(system, 'ann');
  const eve = await system.connect(await room.tenant.user('eve'));
  const mid = eve.say(room.cid, 'from outside');
  await eve.record.next('error', { ref: mid });
  const spans = await traceOf(mid, { send: 1, store: 1 });
  for (const span of spans.filter(({ name }) => name !== 'commit'))
    expect(span).toMatchObject({ failed: true, attributes: { 'error.type': 'not_member' } });
  expect(named(spans, 'deliver')).toEqual([]);
});
