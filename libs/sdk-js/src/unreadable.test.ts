/** Frames that this client cannot read: of a later version, or with names that a decoder refuses. */
import { decodeRaw, encodeFrame } from '@messagecore/protocol';
import { encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { connected, type FakeGateway, FakeSocket, ROOM, settle } from './test/fake-gateway.ts';
import { loadCodec } from './transport/codec.ts';

/** A room whose message `broken` always comes as something that is no frame. */
async function roomWith(broken: number, messages: number) {
  const made = await connected();
  const { gateway, client } = made;
  const push = FakeSocket.prototype.push;
  for (const socket of gateway.sockets) {
    socket.push = function (...frames) {
      for (const frame of frames)
        if (frame.t === 'message' && frame.seq === broken) this.pushRaw('not a frame');
        else push.call(this, frame);
    };
  }
  const gaps: unknown[] = [];
  client.on('gap', ({ from, to, reason }) => gaps.push([from, to, reason]));
  for (let n = 1; n <= messages; n += 1) gateway.post(ROOM, `m${n}`);
  return { ...made, gaps };
}

const joins = (gateway: FakeGateway) => gateway.live.frames('resume').length;

async function pass(gateway: FakeGateway, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    gateway.live.push({ t: 'pong', at: 0 });
    gateway.clock.advance(1_000);
    await settle();
  }
}

test('a message that cannot be read is asked for once more, then passed over and told as a gap', async () => {
  const { gateway, client, shown, gaps } = await roomWith(2, 3);
  client.join(ROOM, { since: 0, rev: 0 });
  await settle();
  await pass(gateway, 60);
  expect(shown).toEqual(['1:m1', '3:m3']);
  expect(gaps).toEqual([[2, 2, 'unreadable']]);
  expect(joins(gateway)).toBe(2);
  expect([client.state.phase, gateway.sockets.length]).toEqual(['online', 1]);
});

test('so is one that comes live, and one that is the last', async () => {
  for (const following of [1, 0]) {
    const { gateway, client, shown, gaps } = await roomWith(2, 1);
    client.join(ROOM, { since: 0, rev: 0 });
    await settle();
    gateway.post(ROOM, 'm2');
    if (following === 1) gateway.post(ROOM, 'm3');
    gateway.live.push({ t: 'heads', cids: { [ROOM]: [2 + following, 0] } });
    await pass(gateway, 60);
    expect(shown).toEqual(following === 1 ? ['1:m1', '3:m3'] : ['1:m1']);
    expect(gaps).toEqual([[2, 2, 'unreadable']]);
    const before = joins(gateway);
    await pass(gateway, 120);
    expect(joins(gateway)).toBe(before);
    expect(before).toBeLessThan(4);
  }
});

test('what was lost, and can be read when asked for again, is delivered', async () => {
  const { gateway, client, shown, gaps } = await roomWith(99, 1);
  client.join(ROOM, { since: 0, rev: 0 });
  await settle();
  gateway.live.pushRaw('of another conversation');
  gateway.post(ROOM, 'm2', { lost: true });
  gateway.post(ROOM, 'm3');
  await pass(gateway, 10);
  expect([shown, gaps]).toEqual([['1:m1', '2:m2', '3:m3'], []]);
});

test('[FRM-9] no name of a field is refused, nor does one reach a prototype', async () => {
  const { decode } = await loadCodec('msgpack');
  const names = ['__proto__', 'constructor', 'toString', '~00000000', 'x__proto__y'];
  for (const name of names) {
    const text = JSON.stringify({ t: 'message', reactions: { [name]: 2 }, body: { text: name } });
    const frame = JSON.parse(text) as object;
    const read = decode(new Uint8Array(encode(frame)).buffer);
    expect(JSON.stringify(read)).toBe(text);
    expect(Object.getPrototypeOf(Reflect.get(read, 'reactions'))).toBe(Object.prototype);
  }
});

test('MessagePack reads what the protocol writes, lone surrogates included', async () => {
  const { encode: write } = await loadCodec('msgpack');
  const frame = { t: 'typing', cid: 'a\ud800b', on: true } as const;
  expect(decodeRaw(write(frame) as Uint8Array, 'msgpack')).toEqual({ ...frame, cid: 'a\ufffdb' });
  expect(write(frame)).toEqual(encodeFrame(frame, 'msgpack'));
});
