/** What a server may refuse or leave unanswered. */
import { CLOSE, LIMITS } from '@messagecore/protocol/constants';
import { expect, test } from 'vitest';
import { breakConnection, connected, OTHER, ROOM, settle } from './test/fake-gateway.ts';

test('[RES-1] a join that nobody answers is asked for again, and until then losses are no reason for more', async () => {
  const { client, gateway, shown } = await connected();
  await client.join(ROOM, { since: 0, rev: 0 }).joined;
  gateway.deafTo.add('resume');
  await breakConnection(gateway);
  gateway.post(ROOM, 'a');
  for (let second = 0; second < 15; second += 1) gateway.clock.advance(1_000);
  expect(gateway.live.frames('resume')).toHaveLength(1);
  gateway.deafTo.clear();
  for (let second = 0; second < 10; second += 1) {
    gateway.live.push({ t: 'pong', at: 0 });
    gateway.clock.advance(1_000);
    await settle();
  }
  expect(shown).toEqual(['1:a']);
  expect(gateway.live.frames('resume')).toHaveLength(2);
});

test('[RES-1] conversations that are refused together come back together', async () => {
  const { client, gateway } = await connected();
  const cids = Array.from({ length: 300 }, (_, n) => ROOM.slice(0, -3) + String(n).padStart(3, '0'));
  for (const cid of cids) client.join(cid, { since: 0, rev: 0 });
  await settle();
  let refusing = 2;
  gateway.instead = (socket, frame) => {
    if (frame.t !== 'resume' || refusing === 0) return false;
    refusing -= 1;
    const refusal = { t: 'error', code: 'unavailable', msg: '', retryAfterMs: 1_000 } as const;
    for (const cid of Object.keys(frame.pos)) socket.push({ ...refusal, cid });
    return true;
  };
  await breakConnection(gateway);
  for (let tenth = 0; tenth < 100; tenth += 1) {
    gateway.clock.advance(100);
    await settle();
  }
  expect(gateway.live.joined.size).toBe(cids.length);
  expect(gateway.live.frames('resume')).toHaveLength(3);
});

test('[FRM-7] a change that no frame carries is refused, and costs neither the connection nor other messages', async () => {
  const { client, gateway } = await connected();
  const room = client.join(ROOM);
  await room.joined;
  const edit = room.edit(1, { text: 'x'.repeat(LIMITS.frameBytes) });
  await expect(edit).rejects.toMatchObject({ code: 'too_large' });
  expect(gateway.live.frames('edit')).toEqual([]);
  expect(await room.send({ text: 'small' }).delivered).toEqual({ seq: 1 });
});

test('[FRM-7] of all that is on its way, the largest is given up when the server found a frame too large', async () => {
  const { client, gateway } = await connected();
  const room = client.join(ROOM);
  await room.joined;
  gateway.deafTo.add('send').add('edit');
  const edit = room.edit(1, { text: 'x'.repeat(9_000) });
  const small = room.send({ text: 'small' });
  await breakConnection(gateway, CLOSE.tooLarge);
  await expect(edit).rejects.toMatchObject({ code: 'too_large' });
  gateway.deafTo.clear();
  await breakConnection(gateway);
  expect(await small.delivered).toEqual({ seq: 1 });
});

test('[SEND-8] a message whose refusal named nothing is sent again, however many others are answered', async () => {
  const { client, gateway } = await connected();
  let refusing = true;
  gateway.instead = (socket, frame) => {
    if (frame.t !== 'send' || frame.mid !== unlucky.mid || !refusing) return false;
    refusing = false;
    socket.push({ t: 'error', code: 'rate_limited', msg: 'too many frames', retryAfterMs: 10 });
    return true;
  };
  const room = client.conversation(ROOM);
  const unlucky: { mid: string } = { mid: '01JD8X2M4Q9V5ZT7C0R3K6W1YB' };
  const { delivered } = room.send({ text: 'long' }, unlucky);
  gateway.clock.advance(10);
  for (let minute = 0; minute < 10; minute += 1) {
    await client.conversation(OTHER).send({ text: 'other' }).delivered;
    await room.send({ text: 'the same' }).delivered;
    gateway.clock.advance(10_000);
    gateway.live.push({ t: 'pong', at: 0 });
  }
  expect(await delivered).toMatchObject({ seq: expect.any(Number) });
  expect(client.unsent).toBe(0);
});

test('a change that could not be carried out is repeated, also when that is said late', async () => {
  const { client, gateway } = await connected();
  const room = client.join(ROOM);
  await room.joined;
  gateway.deafTo.add('react');
  let settled = false;
  void room.react(1, '+1').then(() => (settled = true));
  gateway.clock.advance(8_500);
  const [{ ref } = { ref: '' }] = gateway.live.frames('react');
  gateway.live.push({ t: 'error', code: 'unavailable', msg: '', cid: ROOM, ref, retryAfterMs: 500 });
  gateway.clock.advance(500);
  await settle();
  expect([settled, gateway.live.frames('react').length]).toEqual([false, 2]);
});
