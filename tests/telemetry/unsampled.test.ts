import { OtlpReceiver } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinAll, newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let receiver: OtlpReceiver;
let system: System;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const tracing = { endpoint: receiver.endpoint, headers: {}, ratio: 0 };
  system = await startSystem({ gateway: { tracing }, chatService: { tracing } });
});
afterAll(async () => {
  await system.stop();
  await receiver.stop();
});

test('a send that is not sampled carries nothing, and nothing is recorded of it', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const heard: [payload: string, traceparent: string | undefined][] = [];
  const listen = (subject: string) =>
    system.bus.subscribe(subject, (payload, _, header) => {
      heard.push([Buffer.from(payload).toString(), header('traceparent')]);
    });
  listen('rpc.send.>');
  listen('rpc.send');
  listen('conv.>');
  await system.bus.flush();
  const { ann, bob } = await joinAll(system, room);
  for (let n = 0; n < 5; n += 1) await ann.sayAndWait(room.cid, 'plain');
  await bob.record.next('message', { cid: room.cid, seq: 5 });
  const sent = heard.filter(([payload]) => payload.includes('plain'));
  expect(sent.length).toBeGreaterThanOrEqual(2);
  for (const [payload, traceparent] of sent)
    expect([payload.includes('"trace"'), traceparent]).toEqual([false, undefined]);
  await system.stop();
  expect(receiver.spans).toEqual([]);
});
