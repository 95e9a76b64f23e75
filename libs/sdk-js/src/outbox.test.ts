import { VirtualClock } from '@messagecore/kernel';
import type { UpFrameOf } from '@messagecore/protocol';
import { ChatError, LIMITS } from '@messagecore/protocol/constants';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

const limits = { sendsInFlight: 4, frameBytes: LIMITS.frameBytes };

function setup(bounds: { maxMessages?: number; maxBytes?: number } = {}) {
  const clock = new VirtualClock();
  const wire: string[] = [];
  const transmit = (frame: UpFrameOf<'send'>) => wire.push(frame.mid) > 0;
  const outbox = new Outbox({ clock, transmit, maxMessages: 1_000, maxBytes: 1_000_000, ...bounds });
  const send = (cid: string, mid: string, text = '') =>
    outbox.add({ t: 'send', cid, mid, clientId: 'c', at: 0, kind: 'text', body: { text } });
  return { clock, wire, outbox, send };
}

test('at a bound it takes nothing more, and says so', () => {
  const few = setup({ maxMessages: 2 });
  void few.send('a', '1');
  void few.send('a', '2');
  expect(() => few.send('a', '3')).toThrow(expect.objectContaining({ code: 'unavailable' }));
  const small = setup({ maxBytes: 300 });
  void small.send('a', '1', 'x'.repeat(100));
  expect(() => small.send('a', '2', 'x'.repeat(100))).toThrow(expect.objectContaining({ code: 'unavailable' }));
  small.outbox.stored('a', '1', 1);
  expect(() => small.send('a', '2', 'x'.repeat(100))).not.toThrow();
});

test('[SEND-8] no more are in flight than the server allows', () => {
  const { outbox, send, wire } = setup();
  outbox.online(limits);
  for (const mid of ['1', '2', '3', '4', '5', '6']) void send(mid, mid);
  expect(wire).toEqual(['1', '2', '3', '4']);
  outbox.stored('2', '2', 1);
  expect(wire).toEqual(['1', '2', '3', '4', '5']);
});

test('[SEQ-3] after a failure that passes, nothing overtakes: silence until all is answered, then from the first', () => {
  const { clock, outbox, send, wire } = setup();
  outbox.online(limits);
  for (const mid of ['1', '2', '3']) void send('a', mid);
  outbox.refused('a', '1', new ChatError('unavailable', undefined, { retryAfterMs: 700 }));
  void send('a', '4');
  clock.advance(10_000);
  expect(wire).toEqual(['1', '2', '3']);
  outbox.refused('a', '2', new ChatError('unavailable', undefined, { retryAfterMs: 700 }));
  outbox.refused('a', '3', new ChatError('unavailable', undefined, { retryAfterMs: 700 }));
  expect(wire).toEqual(['1', '2', '3']);
  clock.advance(700);
  expect(wire.slice(3)).toEqual(['1']);
  outbox.stored('a', '1', 1);
  expect(wire.slice(3)).toEqual(['1', '2', '3']);
});

test('another conversation does not wait for it', () => {
  const { outbox, send, wire } = setup();
  outbox.online(limits);
  void send('a', '1');
  outbox.refused('a', '1', new ChatError('rate_limited'));
  void send('b', '2');
  expect(wire).toEqual(['1', '2']);
});

test('what is never answered goes out again', () => {
  const { clock, outbox, send, wire } = setup();
  outbox.online(limits);
  void send('a', '1');
  void send('a', '2');
  clock.advance(60_000);
  expect(wire.slice(0, 4)).toEqual(['1', '2', '1', '2']);
});

/** A server that stores, fails for a while, or never answers, over connections that break. */
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send'), n: fc.nat(2) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('store'), n: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail'), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('break', 'wait'), n: fc.constant(0) }) },
);

test('[SEQ-3] [IDM-1] each message is stored once and in the order sent, whatever fails on the way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 120 }), async (events) => {
      const { clock, outbox, send, wire } = setup();
      const rooms = ['a', 'b', 'c'];
      const sent = new Map(rooms.map((cid) => [cid, [] as string[]]));
      const stored = new Map(rooms.map((cid) => [cid, [] as string[]]));
      const outcomes: Promise<unknown>[] = [];
      let made = 0;
      const cidOf = (mid: string) => mid.slice(0, 1);
      /** The server works off its input in order; a failure fails all that this connection has under way there. */
      const store = (mid: string) => {
        const room = stored.get(cidOf(mid))!;
        if (!room.includes(mid)) room.push(mid);
        outbox.stored(cidOf(mid), mid, room.indexOf(mid) + 1);
      };
      const fail = (cid: string) => {
        const failing = wire.filter((mid) => cidOf(mid) === cid);
        wire.splice(0, wire.length, ...wire.filter((mid) => cidOf(mid) !== cid));
        for (const mid of failing) outbox.refused(cid, mid, new ChatError('unavailable'));
      };
      outbox.online(limits);
      for (const step of events) {
        const first = wire[0];
        if (step.do === 'send') {
          const cid = rooms[step.n]!;
          const mid = `${cid}${++made}`;
          sent.get(cid)!.push(mid);
          outcomes.push(send(cid, mid));
        }
        if (step.do === 'store' && first !== undefined) store(wire.shift()!);
        if (step.do === 'fail' && first !== undefined) fail(cidOf(first));
        if (step.do === 'wait') clock.advance(1_000);
        if (step.do === 'break') {
          outbox.offline();
          wire.length = 0;
          outbox.online(limits);
        }
      }
      for (let round = 0; outbox.size > 0 && round < 2_000; round += 1) {
        if (wire.length > 0) store(wire.shift()!);
        else clock.advance(1_000);
      }
      expect(outbox.size).toBe(0);
      expect([...stored]).toEqual([...sent]);
      await Promise.all(outcomes);
    }),
  );
});

test('[IDM-1] a refusal that passes is never final, also when it comes after the message was taken back', async () => {
  const { clock, outbox, send, wire } = setup();
  outbox.online(limits);
  const outcomes = ['1', '2'].map((mid) => send('a', mid));
  outbox.refused('a', '1', new ChatError('rate_limited', undefined, { retryAfterMs: 60_000 }));
  clock.advance(45_000);
  outbox.refused('a', '2', new ChatError('unavailable'));
  clock.advance(20_000);
  for (const mid of ['1', '2']) outbox.stored('a', mid, Number(mid));
  expect(await Promise.all(outcomes)).toEqual([{ seq: 1 }, { seq: 2 }]);
  expect(wire).toEqual(['1', '2', '1', '2']);
});
