/** Every request with a `ref` has exactly one answer (ANS). */
import { LIMITS, type UpFrame } from '@messagecore/protocol';
import type { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinAll, newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** All answers with this `ref`, once everything that was asked before is answered. */
function answersOf(client: RawClient, ref: string): object[] {
  return client.frames.filter((frame) => 'ref' in frame && frame.ref === ref);
}

async function answerTo(client: RawClient, frame: UpFrame & { readonly ref: string }): Promise<object> {
  client.sendFrame(frame);
  await client.record.until(`an answer to ${frame.ref}`, () => answersOf(client, frame.ref).length > 0);
  await client.settle();
  const [answer, ...others] = answersOf(client, frame.ref);
  expect(others, `more answers to ${frame.ref}`).toEqual([]);
  return answer!;
}

describe.each(['json', 'msgpack'] as const)('in %s', (encoding) => {
  let room: Room<'ann' | 'bob'>;
  let ann: RawClient;
  let bob: RawClient;
  beforeAll(async () => {
    room = await newRoom(system, 'ann', 'bob');
    ({ ann, bob } = await joinAll(system, room, { encoding }));
  });

  test('[ANS-1] [ANS-3] changes are answered by their rev, also those that change nothing', async () => {
    const { cid } = room;
    const seq = await ann.sayAndWait(cid, 'draft');
    const { rev } = ann.record.of('joined', { cid })[0]!;
    const edit = (ref: string) => answerTo(ann, { t: 'edit', cid, seq, body: { text: 'final' }, ref });
    expect(await edit('e1')).toEqual({ t: 'result', ref: 'e1', cid, rev: rev + 1 });
    expect(await edit('e2')).toMatchObject({ t: 'result', ref: 'e2', cid });
    const react = (on: boolean, ref: string) => answerTo(bob, { t: 'react', cid, seq, emoji: '👍', on, ref });
    const set = await react(true, 'r1');
    expect(set).toMatchObject({ t: 'result', ref: 'r1', cid });
    expect(await react(true, 'r2')).toEqual({ ...set, ref: 'r2' });
    expect(await react(false, 'r3')).not.toMatchObject({ rev: (set as { rev: number }).rev });
    const refused = await answerTo(bob, { t: 'edit', cid, seq, body: { text: 'mine' }, ref: 'e3' });
    expect(refused).toMatchObject({ t: 'error', code: 'forbidden', ref: 'e3', cid });
    expect(await answerTo(ann, { t: 'recall', cid, seq, ref: 'c1' })).toMatchObject({ t: 'result', ref: 'c1', cid });
  });

  test('[ANS-1] [ANS-3] positions are answered by where they stand, also when they did not move', async () => {
    const { cid } = room;
    const [first, last] = [await ann.sayAndWait(cid, 'one'), await ann.sayAndWait(cid, 'two')];
    const read = (pos: number, ref: string) => answerTo(bob, { t: 'read', cid, pos, ref });
    expect(await read(first, 'd1')).toEqual({ t: 'result', ref: 'd1', cid, pos: first, unread: 1 });
    expect(await read(last + 100, 'd2')).toEqual({ t: 'result', ref: 'd2', cid, pos: last, unread: 0 });
    expect(await read(1, 'd3')).toEqual({ t: 'result', ref: 'd3', cid, pos: last, unread: 0 });
    const ack = (pos: number, ref: string) => answerTo(bob, { t: 'ack', cid, pos, ref });
    expect(await ack(last, 'a1')).toEqual({ t: 'result', ref: 'a1', cid, pos: last });
    expect(await ack(1, 'a2')).toEqual({ t: 'result', ref: 'a2', cid, pos: last });
  });

  test('[ANS-2] an ack tells when the message was stored, for a repeat when it was first', async () => {
    const { cid } = room;
    const mid = ann.say(cid, 'hello', { at: 1 });
    const { pos: seq, at } = await ann.record.next('ack', { cid, mid });
    expect(await bob.record.next('message', { cid, seq })).toMatchObject({ at });
    ann.say(cid, 'hello', { mid, at: 2 });
    await ann.record.until('both acks', () => ann.record.of('ack', { mid }).length === 2);
    expect(ann.record.of('ack', { mid }).map((ack) => ack.at)).toEqual([at, at]);
  });

  test('[ANS-1] [ANS-4] joins and leaves are answered', async () => {
    const { cid, users } = room;
    const client = await system.connect(users.bob, { encoding });
    expect(await answerTo(client, { t: 'join', cid, ref: 'j1' })).toEqual({ t: 'result', ref: 'j1', cid });
    const types = client.frames.map(({ t }) => t).filter((t) => t === 'joined' || t === 'result');
    expect(types).toEqual(['joined', 'result']);
    expect(await answerTo(client, { t: 'join', cid, since: 1_000, ref: 'j2' })).toMatchObject({
      t: 'error',
      code: 'cursor_ahead',
      ref: 'j2',
    });
    expect(await answerTo(client, { t: 'leave', cid, ref: 'l1' })).toEqual({ t: 'result', ref: 'l1', cid });
    expect(await answerTo(client, { t: 'leave', cid, ref: 'l2' })).toEqual({ t: 'result', ref: 'l2', cid });
    client.sendFrame({ t: 'join', cid, ref: 'j3' });
    expect(await answerTo(client, { t: 'leave', cid, ref: 'l3' })).toMatchObject({ t: 'result' });
    await client.record.until('the answer to the join', () => answersOf(client, 'j3').length > 0);
    expect(answersOf(client, 'j3')).toMatchObject([{ t: 'error', code: 'conflict', cid }]);
  });

  test('[ANS-1] [SIG-1] what may not be done is refused under its ref', async () => {
    const cid = NOWHERE;
    const requests = [
      { t: 'join', cid, ref: 'n1' },
      { t: 'leave', cid, ref: 'n2' },
      { t: 'read', cid, pos: 1, ref: 'n3' },
      { t: 'ack', cid, pos: 1, ref: 'n4' },
      { t: 'recall', cid, seq: 1, ref: 'n5' },
    ] as const;
    for (const frame of requests)
      expect(await answerTo(ann, frame)).toMatchObject({ t: 'error', code: 'not_found', ref: frame.ref, cid });
  });

  test('[ANS-5] the same ref twice gets two answers, and without one there is no result', async () => {
    const { cid, users } = room;
    const client = await system.connect(users.bob, { encoding });
    await client.join(cid);
    const seq = await client.sayAndWait(cid, 'twice');
    for (const on of [true, false, true]) client.sendFrame({ t: 'react', cid, seq, emoji: '🎉', on, ref: 'same' });
    await client.record.until('three answers', () => answersOf(client, 'same').length === 3);
    const revs = client.record.of('result', { ref: 'same' }).map(({ rev }) => rev!);
    expect(revs.map((rev) => rev - revs[0]!)).toEqual([0, 1, 2]);
    client.sendFrame({ t: 'read', cid, pos: seq });
    client.sendFrame({ t: 'ack', cid, pos: seq });
    client.sendFrame({ t: 'join', cid });
    await client.record.next('read', { cid, pos: seq });
    await client.record.until('joined anew', () => client.record.of('joined').length === 2);
    client.sendFrame({ t: 'leave', cid });
    await client.settle();
    expect(client.record.of('result')).toHaveLength(3);
  });
});

test('[ANS-1] a hundred reports at once have a hundred answers, each of a position as far or farther', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { ann, bob } = await joinAll(system, room);
  const { cid } = room;
  const head = await ann.sayAndWait(cid, 'something to read');
  const refs = Array.from({ length: 100 }, (_, n) => `n${n}`);
  for (const ref of refs) bob.sendFrame({ t: 'read', cid, pos: head, ref });
  await bob.record.until('all answers', () => bob.record.of('result').length >= refs.length);
  expect(bob.record.of('result').map(({ ref, pos }) => [ref, pos])).toEqual(refs.map((ref) => [ref, head]));
});

test('[ANS-1] [LIM-1] over the rate each request is refused under its ref', async () => {
  const room = await newRoom(system, 'ann');
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const refs = Array.from({ length: LIMITS.refusals }, (_, n) => `r${n}`);
  for (const ref of refs) ann.sendFrame({ t: 'read', cid, pos: 0, ref });
  await ann.record.until('all answers', () => refs.every((ref) => answersOf(ann, ref).length > 0));
  expect(refs.filter((ref) => answersOf(ann, ref).length !== 1)).toEqual([]);
});
