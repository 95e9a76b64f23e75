import { once } from 'node:events';
import { connect } from 'node:net';
import { LIMITS, RATE_PROFILES, SUBPROTOCOLS } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem();
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

test('[CON-1] sessions open at /ws alone', async () => {
  const { token } = room.users.ann;
  const opened = await system.connect({ token });
  expect(opened.frames[0]?.t).toBe('ready');
  for (const path of ['/', '/wss', '/ws/x', '/sse']) {
    const elsewhere = system.dial({ url: system.ws().replace('/ws', path), token });
    await expect(elsewhere.opened(), path).rejects.toThrow('404');
  }
});

test('[CON-1] what is no address at all is answered too, and the gateway goes on', async () => {
  const { port, hostname } = new URL(system.ws());
  for (const upgrade of ['', 'Connection: Upgrade\r\nUpgrade: websocket\r\n']) {
    for (const address of ['//', '//?token=x', 'http://[', '/\\\\', '*']) {
      const socket = connect(Number(port), hostname);
      socket.write(`GET ${address} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString('latin1'), address).toMatch(/^HTTP\/1\.1 40[04] /);
      socket.destroy();
    }
  }
  await system.connect(room.users.ann);
});

test.each([
  { offered: [SUBPROTOCOLS.json], chosen: SUBPROTOCOLS.json },
  { offered: [SUBPROTOCOLS.msgpack], chosen: SUBPROTOCOLS.msgpack },
  { offered: [SUBPROTOCOLS.msgpack, SUBPROTOCOLS.json], chosen: SUBPROTOCOLS.json },
  { offered: ['mc.v9.cbor', SUBPROTOCOLS.msgpack], chosen: SUBPROTOCOLS.msgpack },
  { offered: [], chosen: '' },
])('[CON-2] offered $offered, the server takes "$chosen"', async ({ offered, chosen }) => {
  const client = await system.connect(room.users.ann, { protocols: offered });
  expect(client.socket.protocol).toBe(chosen);
  client.sendRaw(
    chosen === SUBPROTOCOLS.msgpack ? Buffer.from('82a174a470696e67a2617401', 'hex') : '{"t":"ping","at":1}',
  );
  await client.record.next('pong', { at: 1 });
});

test('[CON-3] an upgrade that offers only unknown sub-protocols is refused', async () => {
  const client = system.dial({ token: room.users.ann.token, protocols: ['mc.v9.json', 'chat'] });
  await expect(client.opened()).rejects.toThrow('400');
});

test('[CON-4] compression is not negotiated', async () => {
  const client = await system.connect(room.users.ann, { perMessageDeflate: true });
  expect(client.socket.extensions).toBe('');
});

test('[CON-4] a compressed frame ends the connection', async () => {
  const { port, hostname } = new URL(system.ws());
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(
    [
      `GET /ws?token=${room.users.ann.token} HTTP/1.1`,
      `Host: ${hostname}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Extensions: permessage-deflate',
      '\r\n',
    ].join('\r\n'),
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString('latin1')).toMatch(/^HTTP\/1\.1 101/);
  expect(head.toString('latin1').toLowerCase()).not.toContain('sec-websocket-extensions');
  // A text frame with RSV1 set (compressed), masked with zeros.
  const ended = once(socket.on('error', () => {}).resume(), 'close');
  socket.write(Buffer.from([0xc1, 0x82, 0, 0, 0, 0, 0x03, 0x00]));
  await ended;
});

test('[CON-5] ready comes first, once, with a session id of its own and the limits', async () => {
  const sessions = await Promise.all(range(1, 4).map((i) => system.connect(room.users.ann, { gateway: i % 2 })));
  await Promise.all(sessions.map((session) => session.settle()));
  for (const { frames, record } of sessions) {
    expect(frames[0]).toMatchObject({
      t: 'ready',
      userId: room.users.ann.userId,
      heartbeatMs: LIMITS.heartbeatMs,
      limits: {
        frameBytes: LIMITS.frameBytes,
        textCodePoints: LIMITS.textCodePoints,
        joinedConversations: LIMITS.joinedConversations,
        resumeConversations: LIMITS.resumeConversations,
        sendsInFlight: LIMITS.sendsInFlight,
        framesPerSecond: RATE_PROFILES.load.framesPerConnection.perSecond,
        sendsPerSecond: RATE_PROFILES.load.sendsPerUser.perSecond,
      },
    });
    expect(record.of('ready')).toHaveLength(1);
    expect(Math.abs(record.of('ready')[0]!.serverTs - Date.now())).toBeLessThan(60_000);
  }
  expect(new Set(sessions.map(({ record }) => record.of('ready')[0]!.sid)).size).toBe(sessions.length);
});

test('[CON-6] what one gateway served, another resumes', async () => {
  const { cid, users } = room;
  const first = await system.connect(users.bob, { gateway: 0 });
  const { head } = await first.join(cid);
  const ann = await system.connect(users.ann, { gateway: 0 });
  const last = await fill(ann, cid, 5);
  await first.record.until('the five', () => first.record.seqs(cid).length === 5);
  first.cut();
  await fill(ann, cid, 5);
  const second = await system.connect(users.bob, { gateway: 1 });
  await second.join(cid, { since: last });
  await second.record.until('the next five', () => second.record.seqs(cid).length === 5);
  expect([...first.record.seqs(cid), ...second.record.seqs(cid)]).toEqual(range(head + 1, head + 10));
});
