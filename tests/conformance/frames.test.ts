import { readFileSync } from 'node:fs';
import { CLOSE, DownFrame, LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinAll, newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem();
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../protocol/vectors/${name}`, import.meta.url), 'utf8')) as T;

describe('encodings', () => {
  test.each(['json', 'msgpack'] as const)(
    '[FRM-1] [FRM-2] every frame that comes is one frame of the schema (%s)',
    async (encoding) => {
      const { cid } = room;
      const { ann, bob } = await joinAll(system, room, { encoding });
      const first = await ann.sayAndWait(cid, 'hello');
      const seq = await ann.sayAndWait(cid, 'and again', { replyTo: first });
      ann.sendFrame({ t: 'edit', cid, seq, body: { text: 'better' }, ref: 'e' });
      ann.sendFrame({ t: 'typing', cid, on: true });
      bob.sendFrame({ t: 'read', cid, pos: seq });
      bob.sendFrame({ t: 'leave', cid: '00000000-0000-4000-8000-000000000000' });
      await bob.record.next('update', { cid, seq });
      await bob.record.next('typing', { cid });
      await ann.record.next('read', { cid, pos: seq });
      for (const frame of [...ann.frames, ...bob.frames]) {
        expect(DownFrame.safeParse(frame).error, JSON.stringify(frame)).toBeUndefined();
        expect(JSON.stringify(frame)).not.toContain('null');
      }
    },
  );

  test('[FRM-1] sessions of both encodings talk to each other', async () => {
    const { cid, users } = room;
    const ann = await system.connect(users.ann, { encoding: 'msgpack' });
    const bob = await system.connect(users.bob, { gateway: 1 });
    await Promise.all([ann.join(cid), bob.join(cid)]);
    const fromAnn = await ann.sayAndWait(cid, 'in bytes 🧵');
    const fromBob = await bob.sayAndWait(cid, 'in text ✍️');
    for (const client of [ann, bob]) {
      await client.record.next('message', { cid, seq: fromBob, body: { text: 'in text ✍️' } });
      await client.record.next('message', { cid, seq: fromAnn, body: { text: 'in bytes 🧵' } });
    }
  });

  test('[FRM-8] a binary message on a JSON session is read, a text message on a MessagePack session is malformed', async () => {
    const json = await system.connect(room.users.ann);
    json.sendRaw(new TextEncoder().encode('{"t":"ping","at":7}'));
    await json.record.next('pong', { at: 7 });
    const msgpack = await system.connect(room.users.ann, { encoding: 'msgpack' });
    msgpack.sendRaw('{"t":"ping","at":7}');
    await msgpack.record.next('error', { code: 'bad_frame' });
  });
});

describe('bytes that are no UTF-8', () => {
  const bad = { continuation: [0x80], overlong: [0xc0, 0xaf], surrogate: [0xed, 0xa0, 0x80], short: [0xe2, 0x82] };
  const long = 'é'.repeat(300);

  test.each(Object.entries(bad))('[FRM-15] are refused in a binary message of JSON: %s', async (_, bytes) => {
    const client = await system.connect(room.users.ann);
    const [before, after] = [`{"t":"ping","at":7,"x":"`, `"}`];
    client.sendRaw(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]));
    await client.record.next('error', { code: 'bad_frame' });
    client.sendRaw(Buffer.from(before + long + after));
    await client.record.next('pong', { at: 7 });
  });

  test.each(Object.entries(bad))('[FRM-15] are refused in a string of MessagePack: %s', async (_, bytes) => {
    const client = await system.connect(room.users.ann, { encoding: 'msgpack' });
    const map = (text: Buffer) => {
      const head = text.length < 32 ? [0xa0 | text.length] : [0xda, text.length >> 8, text.length & 0xff];
      const entries = [0x83, 0xa1, 0x74, 0xa4, ...Buffer.from('ping'), 0xa2, ...Buffer.from('at'), 0x07, 0xa1, 0x78];
      return Buffer.concat([Buffer.from(entries), Buffer.from(head), text]);
    };
    const texts = [Buffer.from(bytes), Buffer.concat([Buffer.from(long), Buffer.from(bytes)])];
    for (const text of texts) client.sendRaw(map(text));
    await client.record.until(
      'refusals',
      () => client.record.of('error', { code: 'bad_frame' }).length === texts.length,
    );
    expect(client.record.of('pong')).toEqual([]);
    client.sendRaw(map(Buffer.from(long)));
    await client.record.next('pong', { at: 7 });
  });
});

describe('malformed frames', () => {
  test('[FRM-5] [SEND-6] a send that is wrong around its body and in it is told all of it', async () => {
    const client = await system.connect(room.users.ann);
    const body = { text: '', format: 'rtf' };
    client.sendRaw(
      JSON.stringify({ t: 'send', cid: room.cid, mid: 'short', clientId: 'c', at: 1, kind: 'text', body }),
    );
    const { msg } = await client.record.next('error', { code: 'bad_frame' });
    for (const path of ['mid: ', 'body.text: ', 'body.format: ']) expect(msg).toContain(path);
  });

  const { refused } = vectors<{ refused: { name: string; json?: string; msgpack?: string; paths?: string[] }[] }>(
    'up.json',
  );

  test('[FRM-3] unknown fields are ignored and not passed on', async () => {
    const { cid } = room;
    const { ann, bob } = await joinAll(system, room);
    const mid = '01JD8X2M4Q9V5ZT7C0R3K6W1YB';
    const body = { text: 'hi', colour: 'red' };
    ann.sendRaw(
      JSON.stringify({ t: 'send', cid, mid, clientId: 'c', at: 1, kind: 'text', body, mood: { good: true } }),
    );
    const message = await bob.record.next('message', { cid, mid });
    expect(message.body).toEqual({ text: 'hi' });
    expect(message).not.toHaveProperty('mood');
  });

  test('[FRM-4] an unknown type is refused and the session goes on', async () => {
    const client = await system.connect(room.users.ann);
    client.sendRaw('{"t":"teleport","to":"moon"}');
    await client.record.next('error', { code: 'bad_frame' });
    await client.settle();
  });

  test('[FRM-5] every malformed example is refused, naming its fields, and the session goes on', async () => {
    for (const { name, json, msgpack, paths = [] } of refused) {
      if (json !== undefined && json.length <= LIMITS.frameBytes) {
        const client = await system.connect(room.users.ann);
        client.sendRaw(json);
        const { msg } = await client.record.next('error', { code: 'bad_frame' });
        for (const path of paths) expect(msg, name).toContain(path);
        await client.settle();
        client.cut();
      }
      if (msgpack !== undefined && msgpack.length / 2 <= LIMITS.frameBytes) {
        const client = await system.connect(room.users.ann, { encoding: 'msgpack' });
        client.sendRaw(Buffer.from(msgpack, 'hex'));
        await client.record.next('error', { code: 'bad_frame' });
        await client.settle();
        client.cut();
      }
    }
  });

  test('[FRM-6] too many malformed frames end the connection', async () => {
    const client = await system.connect(room.users.ann);
    for (let i = 1; i < LIMITS.malformedFrames; i += 1) client.sendRaw('{"t":');
    await client.settle();
    expect(client.record.of('error', { code: 'bad_frame' })).toHaveLength(LIMITS.malformedFrames - 1);
    client.sendRaw('{"t":');
    expect(await client.closed).toMatchObject({ code: CLOSE.malformed });
  });

  test.each(['json', 'msgpack'] as const)(
    '[FRM-7] a frame larger than the limit ends the connection (%s)',
    async (encoding) => {
      const frameOf = (bytes: number) => {
        const json = '{"t":"ping","at":1,"pad":""}';
        if (encoding === 'json') return json.replace('""', `"${'x'.repeat(bytes - json.length)}"`);
        // {t:"ping", at:1, pad: str16}
        const head = Buffer.from('83a174a470696e67a2617401a3706164da0000', 'hex');
        const padding = bytes - head.length;
        head.writeUInt16BE(padding, head.length - 2);
        return Buffer.concat([head, Buffer.alloc(padding, 'x')]);
      };
      const largest = await system.connect(room.users.ann, { encoding });
      largest.sendRaw(frameOf(LIMITS.frameBytes));
      await largest.record.next('pong', { at: 1 });
      largest.sendRaw(frameOf(LIMITS.frameBytes + 1));
      expect(await largest.closed).toMatchObject({ code: CLOSE.tooLarge });
    },
  );

  test('[FRM-7] so does one of a megabyte', async () => {
    const client = await system.connect(room.users.ann);
    client.sendRaw('x'.repeat(1024 * 1024));
    expect(await client.closed).toMatchObject({ code: CLOSE.tooLarge });
  });
});

describe('text', () => {
  interface Text {
    name: string;
    unit: string;
    times: number;
    accepted: boolean;
  }
  const { texts } = vectors<{ texts: Text[] }>('text.json');
  const textOf = ({ unit, times }: Text) => (JSON.parse(unit) as string).repeat(times);
  const fits = (text: string) => JSON.stringify(text).length < LIMITS.frameBytes - 300;

  test('[FRM-9] comes back as it was, live, replayed and over HTTP, in both encodings', async () => {
    const { cid, users, tenant } = room;
    const { ann, bob } = await joinAll(system, room);
    const bytes = await system.connect(users.bob, { encoding: 'msgpack' });
    await bytes.join(cid);
    for (const example of texts.filter(({ accepted, times }) => accepted && times === 1)) {
      const text = textOf(example);
      const seq = await ann.sayAndWait(cid, text);
      const live = await bob.record.next('message', { cid, seq });
      expect(live.body, example.name).toEqual({ text });
      const packed = await bytes.record.next('message', { cid, seq });
      expect(packed.body, example.name).toEqual({ text: text.toWellFormed() });
      const later = await system.connect(users.bob, { gateway: 1 });
      await later.join(cid, { since: seq - 1 });
      expect((await later.record.next('message', { cid, seq })).body, example.name).toEqual({ text });
      later.cut();
      const page = await fetch(`${tenant.api}/v1/conversations/${cid}/messages?after=${seq - 1}&limit=1`, {
        headers: users.bob.auth,
      });
      expect(((await page.json()) as { items: { body: unknown }[] }).items[0]?.body, example.name).toEqual({ text });
    }
  });

  test('[FRM-10] is counted in code points', async () => {
    const { cid } = room;
    const { ann, bob } = await joinAll(system, room);
    for (const example of texts.filter(({ times }) => times > 1)) {
      const text = textOf(example);
      if (!fits(text)) continue;
      const mid = ann.say(cid, text);
      if (example.accepted) {
        const { pos } = await ann.record.next('ack', { mid });
        expect((await bob.record.next('message', { cid, seq: pos })).body).toEqual({ text });
      } else {
        await ann.record.next('error', { ref: mid, code: 'too_large', cid });
      }
    }
  });

  test('[FRM-10] over HTTP too, where the longest escapes fit', async () => {
    const { cid, users, tenant } = room;
    for (const [i, example] of texts.filter(({ times }) => times > 1).entries()) {
      const mid = `01JD8X2M4Q9V5ZT7C0R3K6W${(100 + i).toString()}`;
      const answer = await fetch(`${tenant.api}/v1/conversations/${cid}/messages`, {
        method: 'POST',
        headers: { ...users.ann.auth, 'content-type': 'application/json' },
        body: JSON.stringify({ mid, kind: 'text', body: { text: textOf(example) } }),
      });
      expect(answer.status, example.name).toBe(example.accepted ? 201 : 413);
    }
  });
});

test('[FRM-11] a UUID in upper case is read and answered in lower case', async () => {
  const { cid, users } = room;
  const client = await system.connect(users.bob, { gateway: 1 });
  client.sendFrame({ t: 'join', cid: cid.toUpperCase() });
  await client.record.next('joined', { cid });
  const ann = await system.connect(users.ann);
  const mid = ann.say(cid.toUpperCase(), 'shouted');
  const { pos } = await ann.record.next('ack', { cid, mid });
  await client.record.next('message', { cid, seq: pos });
});

test('[FRM-12] an error tells which request it answers, and when to try again', async () => {
  const { cid, users } = room;
  const client = await system.connect(users.ann);
  const nowhere = '00000000-0000-4000-8000-000000000000';
  const mid = client.say(nowhere, 'anyone?');
  await client.record.next('error', { code: 'not_found', ref: mid, cid: nowhere });
  client.sendFrame({ t: 'edit', cid, seq: 999_999, body: { text: 'x' }, ref: 'my-edit' });
  await client.record.next('error', { code: 'not_found', ref: 'my-edit', cid });
  client.sendFrame({ t: 'join', cid: nowhere });
  await client.record.until('the join to be refused', () => client.record.of('error', { cid: nowhere }).length === 2);
});
