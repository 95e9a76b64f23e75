import { systemClock } from '@messagecore/kernel';
import { CLOSE, LIMITS } from '@messagecore/protocol/constants';
import { describe, expect, test, vi } from 'vitest';
import { HEALTHY_MS } from './connection/state.ts';
import { breakConnection, connected, FakeGateway, ME, OTHER, ROOM, settle, YOU } from './test/fake-gateway.ts';

describe('sending', () => {
  test('[SEND-1] a send resolves with its number once it is stored', async () => {
    const { client, gateway } = await connected();
    const { mid, delivered } = client.conversation(ROOM).send({ text: 'hello' }, { replyTo: 3 });
    expect(await delivered).toEqual({ seq: 1 });
    const [frame] = gateway.live.frames('send');
    expect(frame).toMatchObject({
      cid: ROOM,
      mid,
      clientId: 'test',
      kind: 'text',
      body: { text: 'hello' },
      replyTo: 3,
    });
    expect(client.unsent).toBe(0);
  });

  test('what is sent without a connection waits for one', async () => {
    const gateway = new FakeGateway();
    const client = gateway.client();
    const first = client.conversation(ROOM).send({ text: '1' });
    const second = client.conversation(ROOM).send({ text: '2' });
    expect(client.unsent).toBe(2);
    client.connect();
    expect(await Promise.all([first.delivered, second.delivered])).toEqual([{ seq: 1 }, { seq: 2 }]);
  });

  test('[IDM-1] unacknowledged sends go out again on the next connection, the same and in order', async () => {
    const { client, gateway } = await connected();
    const room = client.conversation(ROOM);
    gateway.deafTo.add('send');
    const sends = ['1', '2', '3'].map((text) => room.send({ text }));
    gateway.post(ROOM, sends[0]!.mid, { from: ME });
    gateway.deafTo.clear();
    await breakConnection(gateway);
    const later = room.send({ text: '4' });
    const all = [...sends, later];
    expect(await Promise.all(all.map(({ delivered }) => delivered))).toEqual([1, 2, 3, 4].map((seq) => ({ seq })));
    expect(gateway.live.frames('send').map(({ mid }) => mid)).toEqual(all.map(({ mid }) => mid));
  });

  test('[SEND-3] the message itself acknowledges a send whose ack was lost', async () => {
    const { client, gateway, shown } = await connected();
    const room = client.join(ROOM);
    await room.joined;
    gateway.instead = (_socket, frame) => {
      if (frame.t === 'send') gateway.post(ROOM, frame.mid, { from: ME });
      return frame.t === 'send';
    };
    const { mid, delivered } = room.send({ text: 'x' });
    expect(await delivered).toEqual({ seq: 1 });
    expect(shown).toEqual([`1:${mid}`]);
  });

  test('a refusal is told to the sender, and what follows goes on', async () => {
    const { client, gateway } = await connected();
    gateway.instead = (socket, frame) => {
      if (frame.t !== 'send' || frame.body['text'] !== 'bad') return false;
      socket.push({ t: 'error', code: 'muted', msg: 'muted', cid: ROOM, ref: frame.mid });
      return true;
    };
    const bad = client.conversation(ROOM).send({ text: 'bad' });
    const good = client.conversation(ROOM).send({ text: 'good' });
    await expect(bad.delivered).rejects.toMatchObject({ code: 'muted' });
    await expect(good.delivered).resolves.toEqual({ seq: 1 });
  });

  test('[FRM-7] what no connection would carry is refused at once; a close for it gives up the largest', async () => {
    const { client, gateway } = await connected();
    const room = client.conversation(ROOM);
    expect(() => room.send({ text: 'x'.repeat(LIMITS.frameBytes) })).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
    gateway.deafTo.add('send');
    const small = room.send({ text: 'small' });
    const large = room.send({ text: 'x'.repeat(50_000) });
    gateway.deafTo.clear();
    await breakConnection(gateway, CLOSE.tooLarge);
    await expect(large.delivered).rejects.toMatchObject({ code: 'too_large' });
    await expect(small.delivered).resolves.toEqual({ seq: 1 });
  });
});

describe('receiving', () => {
  test('[JOIN-3] [RES-2] a conversation goes on where it stood, however often the connection breaks', async () => {
    const { client, gateway, shown } = await connected();
    for (const mid of ['a', 'b']) gateway.post(ROOM, mid);
    await client.join(ROOM, { since: 0, rev: 0 }).joined;
    gateway.post(ROOM, 'c');
    for (const mid of ['d', 'e', 'f']) {
      gateway.live.end(1006);
      gateway.post(ROOM, mid);
      gateway.clock.advance(8_000);
      await settle();
    }
    expect(shown).toEqual(['1:a', '2:b', '3:c', '4:d', '5:e', '6:f']);
    expect(gateway.live.frames('resume')).toEqual([{ t: 'resume', pos: { [ROOM]: [5, 0, 0] } }]);
  });

  test('[JOIN-1] without a position it begins now, and goes on from there', async () => {
    const { client, gateway, shown } = await connected();
    gateway.post(ROOM, 'old');
    const { head } = await client.join(ROOM).joined;
    expect(head).toBe(1);
    gateway.live.end(1006);
    gateway.post(ROOM, 'new');
    gateway.clock.advance(8_000);
    await settle();
    expect(shown).toEqual(['2:new']);
  });

  test('[RES-3] many conversations come back in frames of 500', async () => {
    const { client, gateway } = await connected();
    const cids = Array.from({ length: 1_200 }, (_, i) => `20000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
    for (const cid of cids) client.join(cid, { since: 0, rev: 0 });
    await settle();
    const sizes = () => gateway.live.frames('resume').map(({ pos }) => Object.keys(pos).length);
    expect(sizes()).toEqual([500, 500, 200]);
    await breakConnection(gateway);
    expect(sizes()).toEqual([500, 500, 200]);
    expect(gateway.live.joined.size).toBe(1_200);
  });

  test('a message out of turn shows a loss: what is missing is asked for, nothing is shown twice', async () => {
    const { client, gateway, shown } = await connected();
    await client.join(ROOM, { since: 0, rev: 0 }).joined;
    gateway.post(ROOM, 'a');
    gateway.post(ROOM, 'b', { lost: true });
    gateway.post(ROOM, 'c');
    gateway.clock.advance(0);
    await settle();
    expect(shown).toEqual(['1:a', '2:b', '3:c']);
  });

  test('[SEQ-8] a last message that was lost is noticed by `heads`', async () => {
    const { client, gateway, shown } = await connected();
    await client.join(ROOM, { since: 0, rev: 0 }).joined;
    gateway.post(ROOM, 'a');
    gateway.post(ROOM, 'b', { lost: true });
    gateway.live.push({ t: 'heads', cids: { [ROOM]: [2, 0] } });
    gateway.clock.advance(10_000);
    await settle();
    expect(shown).toEqual(['1:a', '2:b']);
    expect(gateway.live.frames('resume')).toHaveLength(2);
  });

  test('`heads` that are no news ask for nothing', async () => {
    const { client, gateway } = await connected();
    await client.join(ROOM, { since: 0, rev: 0 }).joined;
    gateway.post(ROOM, 'a');
    gateway.live.push({ t: 'heads', cids: { [ROOM]: [1, 0], [OTHER]: [9, 9] } });
    gateway.clock.advance(60_000);
    await settle();
    expect(gateway.live.frames('resume')).toHaveLength(1);
  });

  test('[JOIN-4] a cursor ahead of the history drops the position and joins anew', async () => {
    const { client, gateway, shown } = await connected();
    gateway.post(ROOM, 'a');
    const resets: unknown[] = [];
    client.on('reset', (reset) => resets.push(reset));
    client.join(ROOM, { since: 7, rev: 2 });
    await settle();
    gateway.clock.advance(0);
    await settle();
    expect(resets).toEqual([{ cid: ROOM, head: 1, epoch: 0 }]);
    expect(shown).toEqual(['1:a']);
  });

  test('[JOIN-5] so does another epoch', async () => {
    const { client, gateway, shown } = await connected();
    gateway.post(ROOM, 'a');
    await client.join(ROOM, { since: 0, rev: 0 }).joined;
    gateway.epoch = 1;
    await breakConnection(gateway);
    gateway.clock.advance(0);
    await settle();
    expect(shown).toEqual(['1:a', '1:a']);
  });

  test('[JOIN-7] a refused join is told once and not repeated; one that passes is', async () => {
    const { client, gateway } = await connected();
    let answers = 0;
    gateway.instead = (socket, frame) => {
      if (frame.t !== 'join') return false;
      const code = frame.cid === OTHER ? 'not_member' : answers++ === 0 ? 'unavailable' : undefined;
      if (code !== undefined) socket.push({ t: 'error', code, msg: '', cid: frame.cid });
      return code !== undefined;
    };
    await expect(client.join(OTHER).joined).rejects.toMatchObject({ code: 'not_member' });
    const room = client.join(ROOM);
    await settle();
    gateway.clock.advance(8_000);
    await settle();
    await expect(room.joined).resolves.toMatchObject({ cid: ROOM });
    await breakConnection(gateway);
    expect([...gateway.live.joined]).toEqual([ROOM]);
  });

  test('[PERM-1] a conversation that the user was removed from is left', async () => {
    const { client, gateway } = await connected();
    const room = client.join(ROOM);
    await room.joined;
    const refused: string[] = [];
    room.on('refused', ({ code }) => refused.push(code));
    gateway.live.push({ t: 'conv', cid: ROOM, event: 'removed', users: [YOU] });
    expect(refused).toEqual([]);
    gateway.live.push({ t: 'conv', cid: ROOM, event: 'removed', users: [ME] });
    expect(refused).toEqual(['not_member']);
    await breakConnection(gateway);
    expect(gateway.live.joined.size).toBe(0);
  });

  test('[JOIN-8] after `leave` nothing comes, and the next connection does not join it', async () => {
    const { client, gateway, shown } = await connected();
    const room = client.join(ROOM);
    await room.joined;
    room.leave();
    gateway.post(ROOM, 'a');
    await breakConnection(gateway);
    expect(shown).toEqual([]);
    expect(gateway.live.joined.size).toBe(0);
  });

  test('a listener that throws keeps nobody else from hearing', async () => {
    const { client, gateway, shown } = await connected();
    const uncaught = vi.fn<(error: Error) => void>();
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', uncaught);
    const room = client.join(ROOM);
    await room.joined;
    room.on('message', () => {
      throw new Error('careless');
    });
    gateway.post(ROOM, 'a');
    await settle();
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
    expect(shown).toEqual(['1:a']);
    expect(uncaught).toHaveBeenCalledWith(expect.objectContaining({ message: 'careless' }), expect.anything());
  });
});

describe('connection', () => {
  test('[DRN-2] after `bye` it moves to the next gateway at the time told, and loses no send', async () => {
    const url = ['ws://one.test/ws', 'ws://two.test/ws'];
    const { client, gateway } = await connected({ url });
    gateway.live.push({ t: 'bye', reason: 'draining', reconnectInMs: 3_000 });
    gateway.deafTo.add('send');
    const { delivered } = client.conversation(ROOM).send({ text: 'x' });
    gateway.deafTo.clear();
    gateway.clock.advance(2_999);
    await settle();
    expect(gateway.sockets).toHaveLength(1);
    gateway.clock.advance(1);
    await settle();
    expect(gateway.live.url).toBe(url[1]);
    expect(await delivered).toEqual({ seq: 1 });
  });

  test('back-off starts at 500 ms, doubles to 8 s, and starts over after health', async () => {
    const { client, gateway } = await connected({ transport: 'ws', random: () => 1 });
    const waits: (number | undefined)[] = [];
    client.on('state', ({ phase, retryInMs }) => phase === 'waiting' && waits.push(retryInMs));
    gateway.unreachable = true;
    gateway.live.end(1006);
    for (let i = 0; i < 6; i += 1) {
      gateway.clock.advance(8_000);
      await settle();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
    gateway.unreachable = false;
    gateway.clock.advance(8_000);
    await settle();
    gateway.clock.advance(HEALTHY_MS);
    gateway.live.end(1006);
    expect(waits.at(-1)).toBe(1_000);
  });

  test('[HB-1] a quiet connection is asked for a sign of life, and dropped when there is none', async () => {
    const { client, gateway } = await connected();
    gateway.clock.advance(LIMITS.heartbeatMs);
    expect(gateway.live.frames('ping')).toHaveLength(1);
    gateway.clock.advance(LIMITS.heartbeatMs);
    expect(gateway.live.frames('ping')).toHaveLength(2);
    gateway.deafTo.add('ping');
    gateway.clock.advance(2 * LIMITS.heartbeatMs);
    expect(client.state.phase).not.toBe('online');
    gateway.deafTo.clear();
    gateway.clock.advance(8_000);
    await settle();
    expect(client.state.phase).toBe('online');
  });

  test('`wake` asks a quiet connection at once, and ends a wait', async () => {
    const { client, gateway } = await connected();
    client.wake();
    expect(gateway.live.frames('ping')).toHaveLength(1);
    gateway.live.end(1006);
    client.wake();
    await settle();
    expect(client.state.phase).toBe('online');
  });

  test('[AUTH-9] 4401 asks the provider for a new token; without a provider it stops', async () => {
    let made = 0;
    const { client, gateway } = await connected({ token: () => `token-${++made}` });
    gateway.live.end(CLOSE.unauthorized);
    await settle();
    expect(gateway.live.frames('auth')).toEqual([{ t: 'auth', jwt: 'token-2' }]);
    expect(client.state.phase).toBe('online');

    const fixed = await connected({ token: 'fixed' });
    fixed.gateway.live.end(CLOSE.unauthorized);
    expect(fixed.client.state).toMatchObject({ phase: 'stopped', error: 'unauthorized' });
  });

  test.each([
    [CLOSE.forbidden, 'forbidden'],
    [CLOSE.malformed, 'bad_frame'],
  ])('close %d stops for good', async (code, error) => {
    const { client, gateway } = await connected();
    gateway.live.end(code);
    gateway.clock.advance(600_000);
    await settle();
    expect(client.state).toMatchObject({ phase: 'stopped', error });
    expect(gateway.sockets).toHaveLength(1);
  });

  test('[LIM-6] after flooding it waits as long as it was told', async () => {
    const { gateway } = await connected();
    gateway.live.push({ t: 'error', code: 'rate_limited', msg: '', retryAfterMs: 30_000 });
    gateway.live.end(CLOSE.flooding);
    gateway.clock.advance(29_999);
    await settle();
    expect(gateway.sockets).toHaveLength(1);
    gateway.clock.advance(1);
    await settle();
    expect(gateway.sockets).toHaveLength(2);
  });

  test('[AUTH-7] the token is renewed before it expires, whatever the client thinks the time is', async () => {
    const gateway = new FakeGateway();
    const serverTime = () => gateway.clock.now() - 5 * 3_600_000;
    const jwt = () => `h.${btoa(JSON.stringify({ exp: Math.floor(serverTime() / 1_000) + 600 }))}.s`;
    const ready = gateway.ready();
    gateway.ready = () => ({ ...ready, serverTs: serverTime() });
    const client = gateway.client({ token: jwt });
    client.connect();
    await settle();
    gateway.live.push(gateway.ready());
    gateway.clock.advance(LIMITS.heartbeatMs);
    for (let seconds = 0; seconds < 525; seconds += 5) gateway.clock.advance(5_000);
    expect(gateway.live.frames('auth')).toHaveLength(1);
    gateway.clock.advance(5_000);
    await settle();
    expect(gateway.live.frames('auth')).toHaveLength(2);
    expect(gateway.sockets).toHaveLength(1);
  });

  test('[AUTH-7] no second renewal begins before the first is answered', async () => {
    const gateway = new FakeGateway();
    const jwt = () => `h.${btoa(JSON.stringify({ exp: gateway.clock.now() / 1_000 + 20 }))}.s`;
    const client = gateway.client({ token: jwt });
    client.connect();
    await settle();
    gateway.deafTo.add('auth');
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        gateway.live.push({ t: 'pong', at: 0 });
        gateway.clock.advance(1_000);
        await settle();
      }
    };
    await pass(60);
    expect(gateway.live.frames('auth')).toHaveLength(2);
    gateway.live.push(gateway.ready());
    await pass(60);
    expect(gateway.live.frames('auth')).toHaveLength(3);
  });

  test('[AUTH-7] a token of 30 days is not asked for again and again', async () => {
    let asked = 0;
    const days = 30 * 24 * 3_600;
    vi.useFakeTimers();
    try {
      const gateway = new FakeGateway();
      const token = () => {
        asked += 1;
        return `h.${btoa(JSON.stringify({ exp: Math.floor(Date.now() / 1_000) + days }))}.s`;
      };
      const client = gateway.client({ token, clock: systemClock });
      gateway.ready = ((ready) => () => ({ ...ready(), serverTs: Date.now(), heartbeatMs: 2 ** 31 }))(
        gateway.ready.bind(gateway),
      );
      client.connect();
      await vi.advanceTimersByTimeAsync(60_000);
      expect([client.state.phase, asked]).toEqual(['online', 1]);
      client.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('a provider that fails is reported, and asked again', async () => {
    const gateway = new FakeGateway();
    const answers = [() => Promise.reject(new Error('down')), () => 'two words', () => 'good'];
    const client = gateway.client({ token: async () => answers.shift()!() });
    const warnings: string[] = [];
    client.on('warning', ({ kind, error }) => warnings.push(`${kind}: ${String(error)}`));
    client.connect();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await settle();
      gateway.clock.advance(8_000);
    }
    await settle();
    expect(warnings).toEqual([
      'token: Error: down',
      'token: TypeError: the token is empty, or not one line of ASCII text',
    ]);
    expect(client.state.phase).toBe('online');
  });

  test('[AUTH-5] refusals that pass within a minute do not stop the client', async () => {
    const { client, gateway } = await connected({ token: () => 'of-a-new-key' });
    gateway.instead = (socket, frame) => {
      if (frame.t === 'auth') queueMicrotask(() => socket.end(CLOSE.unauthorized));
      return frame.t === 'auth';
    };
    gateway.live.end(CLOSE.unauthorized);
    for (let second = 0; second < 20; second += 1) {
      await settle();
      gateway.clock.advance(1_000);
    }
    expect(gateway.sockets.length).toBeGreaterThan(5);
    gateway.instead = undefined;
    for (let second = 0; second < 10; second += 1) {
      await settle();
      gateway.clock.advance(1_000);
    }
    expect(client.state.phase).toBe('online');
  });

  test('`close` ends it; unacknowledged sends wait for the next `connect`', async () => {
    const { client, gateway } = await connected();
    gateway.deafTo.add('send');
    const { delivered } = client.conversation(ROOM).send({ text: 'x' });
    client.close();
    gateway.deafTo.clear();
    gateway.clock.advance(600_000);
    await settle();
    expect(client.state.phase).toBe('idle');
    client.connect();
    expect(await delivered).toEqual({ seq: 1 });
  });
});
