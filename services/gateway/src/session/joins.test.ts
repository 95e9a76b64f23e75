import { LIMITS, type DownFrame } from '@messagecore/protocol';
import { type RpcError, type RpcResult } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { CID, TID } from '../egress/frames.fixture.ts';
import { newAllowances } from './allowances.fixture.ts';
import { CatchUp } from './catch-up.ts';
import { JoinTurns } from './join-turns.ts';
import { Joins } from './joins.ts';
import type { Membership } from './membership.ts';
import { Pacer } from './pacer.ts';
import type { Room } from './ports.ts';
import { FakeRoom, FakeSink } from './room.fixture.ts';

type Answer = RpcResult<'join'> | RpcError;

const settled = async () => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
};

function open(isHeld = true) {
  const room = new FakeRoom();
  const log: string[] = [];
  const answers: { resolve: (answer: Answer) => void; cid: string }[] = [];
  const sink = new FakeSink();
  const send = (frame: DownFrame) => {
    sink.send(frame);
    const about = 'cid' in frame ? frame.cid : '';
    log.push(frame.t === 'error' ? `error ${frame.code} ${about}` : `${frame.t} ${about}`);
  };
  const catchUp = new CatchUp({
    sink,
    pacer: new Pacer(() => performance.now()),
    now: () => 0,
    onError: () => {},
    onReplayed() {},
    allowance: newAllowances().enter('ann'),
    later: (_ms, fn) => void setImmediate(fn),
  });
  const owner = { sink, sid: 'sid', userId: 'ann', fellBehind() {}, muted() {}, expelled() {}, restarted() {} };
  const held = new Map<string, number>();
  const rooms = {
    holds: (_tid: string, cid: string) => isHeld && cid === CID,
    acquire: (_tid: string, cid: string): Room => {
      log.push(`acquire ${cid}`);
      held.set(cid, (held.get(cid) ?? 0) + 1);
      return cid === CID ? room : Object.assign(new FakeRoom(), { cid });
    },
    release: ({ cid }: Room) => void held.set(cid, (held.get(cid) ?? 0) - 1),
  };
  const joins = new Joins({
    tid: TID,
    owner,
    rooms,
    upstream: {
      join: ({ cid }) => {
        log.push(`ask ${cid}`);
        return new Promise((resolve) => answers.push({ resolve, cid }));
      },
    },
    typing: { set() {}, stop: (_sid, cid) => void log.push(`stop typing ${cid}`) },
    catchUp,
    turns: new JoinTurns(),
    send,
    onResumed: () => log.push('resumed'),
  });
  const answer = async (more: Partial<RpcResult<'join'>> | RpcError = {}) => {
    await settled();
    const { seq: head, rev } = room;
    answers.shift()!.resolve('error' in more ? more : { head, rev, epoch: 0, first: 1, access: 1, ...more });
    await settled();
  };
  return { room, joins, log, sink, answer, answers, held };
}

const filled = (head: number, isHeld = true) => {
  const opened = open(isHeld);
  for (let stored = 0; stored < head; stored += 1) opened.room.store();
  opened.room.send(head, 0);
  return opened;
};

test('[JOIN-2] subscribes first, asks then, says joined before anything else', async () => {
  const { joins, log, answer, room, sink } = filled(3);
  void joins.join(CID, { since: 1 });
  await answer();
  expect(log).toEqual(['resumed', `acquire ${CID}`, `ask ${CID}`, `joined ${CID}`]);
  expect(sink.got.map(({ seq }) => seq)).toEqual([2, 3]);
  expect(joins.get(CID)).toMatchObject({ live: true, seq: 3 });
  expect(room.members.size).toBe(1);
});

test('[ISO-2] a room that nobody holds is subscribed to only for one who may join, and asked about again then', async () => {
  const { joins, log, answer } = filled(3, false);
  void joins.join(CID, {});
  await answer({ error: 'not_found', msg: '' });
  expect(log).toEqual([`ask ${CID}`, `error not_found ${CID}`]);
  log.length = 0;
  void joins.join(CID, {});
  await answer();
  await answer();
  expect(log).toEqual([`ask ${CID}`, `acquire ${CID}`, `ask ${CID}`, `joined ${CID}`]);
});

test('waits for the room to reach what the answer knows of', async () => {
  const { joins, answer, room, sink } = filled(3);
  room.store();
  void joins.join(CID, { since: 2 });
  await answer({ head: 4 });
  expect([joins.get(CID)!.live, sink.got]).toEqual([false, []]);
  room.send(1, 0);
  await settled();
  expect(sink.got.map(({ seq }) => seq)).toEqual([3, 4]);
  expect(joins.get(CID)!.live).toBe(true);
});

test.each([{ since: 4 }, { rev: 1 }, { since: 1, epoch: 7 }])(
  '[JOIN-4] [JOIN-5] a cursor from elsewhere is no join: %j',
  async (cursor) => {
    const { joins, answer, sink, held } = filled(3);
    void joins.join(CID, cursor);
    await answer();
    expect(sink.sent).toMatchObject([{ t: 'error', code: 'cursor_ahead', cid: CID, head: 3, epoch: 0 }]);
    expect([joins.has(CID), held.get(CID)]).toEqual([false, 0]);
  },
);

test('[GAP-1] what has expired is announced, and the replay starts after it', async () => {
  const { joins, answer, sink } = filled(5);
  void joins.join(CID, { since: 0 });
  await answer({ first: 4 });
  expect(sink.got.map(({ t, seq, from, to, reason }) => [t, seq ?? from, to, reason])).toEqual([
    ['gap', 1, 3, 'expired'],
    ['message', 4, undefined, undefined],
    ['message', 5, undefined, undefined],
  ]);
});

test('[JOIN-6] a second join moves the cursor; one that fails for the moment leaves the first as it was', async () => {
  const { joins, answer, sink, held, room } = filled(3);
  void joins.join(CID, {});
  await answer();
  const first = joins.get(CID);
  void joins.join(CID, { since: 0 });
  await answer({ error: 'unavailable', msg: 'not now' });
  expect(joins.get(CID)).toBe(first);
  void joins.join(CID, { since: 0 });
  await answer();
  expect(sink.got.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect([room.members.size, held.get(CID), first!.left]).toEqual([1, 1, true]);
});

test('[PERM-1] a second join without the right ends the first', async () => {
  const { joins, answer, held } = filled(3);
  void joins.join(CID, {});
  await answer();
  void joins.join(CID, {});
  await answer({ error: 'not_member', msg: '' });
  expect([joins.has(CID), held.get(CID)]).toEqual([false, 0]);
});

test('joins of one conversation are answered one after the other', async () => {
  const { joins, answer, answers, sink } = filled(3);
  void joins.join(CID, { since: 3 });
  void joins.join(CID, { since: 2 });
  await settled();
  expect(answers).toHaveLength(1);
  await answer();
  await answer();
  expect(sink.sent.filter(({ t }) => t === 'joined')).toHaveLength(2);
  expect(sink.got.map(({ seq }) => seq)).toEqual([3]);
});

test('[JOIN-8] leaving makes a join under way void', async () => {
  const { joins, answer, sink, held } = filled(3);
  void joins.join(CID, {});
  await settled();
  expect(joins.leave(CID)).toBe(true);
  await answer();
  expect([sink.sent, joins.has(CID), held.get(CID)]).toEqual([[], false, 0]);
  expect(joins.leave(CID)).toBe(false);
});

test('[JOIN-8] leaving makes every join before it void, however many wait, and none after it', async () => {
  const { joins, answer, answers, sink, held, room } = filled(3);
  void joins.join(CID, {});
  void joins.join(CID, { since: 0 });
  void joins.join(CID, { since: 1 });
  await settled();
  joins.leave(CID);
  await answer();
  room.store();
  room.send(1, 0);
  expect([sink.sent, answers.length, joins.has(CID), held.get(CID)]).toEqual([[], 0, false, 0]);
  void joins.join(CID, {});
  joins.leave(CID);
  void joins.join(CID, { since: 3 });
  await answer();
  expect(sink.sent.map(({ t }) => t)).toEqual(['joined', 'message']);
});

test('[JOIN-8] [TYP-4] leaving ends everything that was owed', async () => {
  const { joins, answer, room, log, sink, held } = filled(3);
  void joins.join(CID, {});
  await answer();
  expect(joins.leave(CID)).toBe(true);
  room.store();
  room.send(1, 0);
  await settled();
  expect([sink.got, room.members.size, held.get(CID), log.at(-1)]).toEqual([[], 0, 0, `stop typing ${CID}`]);
});

test('[PERM-3] an answer that an event has overtaken is asked for again', async () => {
  const { joins, answer, answers, room, sink } = filled(3);
  void joins.join(CID, {});
  await settled();
  room.access = { version: 2 };
  await answer({ access: 1 });
  expect([sink.sent, answers.length]).toEqual([[], 1]);
  await answer({ access: 2 });
  expect(sink.sent).toMatchObject([{ t: 'joined' }]);
});

test('[JOIN-9] no more conversations than the limit, and a refused one counts for nothing', async () => {
  const { joins, answers, sink } = open();
  for (let n = 0; n < LIMITS.joinedConversations; n += 1) void joins.join(`room ${n}`, {});
  void joins.join('one more', {});
  expect(sink.sent).toMatchObject([{ t: 'error', code: 'too_large', cid: 'one more' }]);
  void joins.join('room 7', {});
  expect(sink.sent).toHaveLength(1);
  await settled();
  // Only so many are asked about at once: others have joins too.
  expect(answers.length).toBeLessThanOrEqual(128);
  answers[0]!.resolve({ error: 'not_found', msg: '' });
  await settled();
  void joins.join('one more', {});
  expect(sink.sent.at(-1)).toMatchObject({ code: 'not_found', cid: 'room 0' });
});

test('a bus that is away refuses the join for the moment', async () => {
  const { joins, room, sink, held } = filled(1);
  Object.assign(room, { ready: Promise.reject(new Error('away')) });
  void joins.join(CID, {});
  await settled();
  expect(sink.sent).toMatchObject([{ t: 'error', code: 'unavailable', cid: CID }]);
  expect(held.get(CID)).toBe(0);
});

test('after close nothing is held and nothing is said', async () => {
  const { joins, answer, sink, held } = filled(1);
  void joins.join(CID, {});
  await answer();
  void joins.join('another', {});
  await answer();
  joins.close();
  const said = sink.sent.length;
  await answer();
  expect([sink.sent.length, held.get(CID), held.get('another'), [...joins.memberships]]).toEqual([
    said,
    0,
    0,
    [] as Membership[],
  ]);
});

test('[READ-5] what others read between the answer and the moment the session is live is told when it is', async () => {
  const { joins, answers, answer, room, sink } = filled(3);
  room.read(1);
  void joins.join(CID, { since: 0 });
  await settled();
  expect(answers).toHaveLength(1);
  room.read(2);
  room.read(3);
  await answer();
  expect(sink.sent.map(({ t }) => t)).toEqual(['joined', 'message', 'message', 'message', 'read']);
  expect(sink.positions).toEqual([3]);
  room.read(4);
  expect(sink.positions).toEqual([3, 4]);
});
