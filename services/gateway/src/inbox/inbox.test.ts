import { VirtualClock } from '@messagecore/kernel';
import { type DownFrame, type DownFrameOf, LIMITS } from '@messagecore/protocol';
import { INBOX_USERS, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Inbox } from './inbox.ts';
import type { InboxSession } from './tenant.ts';

const TID = '00000000-0000-4000-8000-000000000001';
const CID = '00000000-0000-4000-8000-000000000002';
const cidOf = (n: number) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`;
const idOf = (name: string) => `00000000-0000-4000-a000-${Buffer.from(name).toString('hex').padStart(12, '0')}`;

class FakeSession implements InboxSession {
  readonly tid = TID;
  readonly userId: string;
  readonly joined = new Set<string>();
  readonly joins = { has: (cid: string) => this.joined.has(cid) };
  readonly sink = { buffered: 0, send: (frame: DownFrame) => void this.told.push(frame as DownFrameOf<'inbox'>) };
  readonly told: DownFrameOf<'inbox'>[] = [];

  constructor(name: string) {
    this.userId = idOf(name);
  }

  get heads(): number[] {
    return this.told.map(({ head }) => head);
  }
}

/** A record in which `members` take part in `CID`, and a bus on which the test says the hints. */
function open(...members: string[]) {
  const clock = new VirtualClock();
  const record = { head: 0, members: new Set(members.map(idOf)), fails: false, news: [] as [string, string, number][] };
  const asked: RpcItem<'inbox'>[] = [];
  const compared: RpcItem<'news'>[] = [];
  let hint = (_: Uint8Array, __: string) => {};
  let beforeAnswer = () => {};
  let subscriptions = 0;
  const refusal: RpcError = { error: 'unavailable', msg: '' };
  const inbox = new Inbox({
    clock,
    newsMs: 30_000,
    bus: {
      subscribe(_subject, handler) {
        subscriptions += 1;
        hint = handler as typeof hint;
        return { unsubscribe: () => void (subscriptions -= 1) };
      },
      flush: async () => {},
    },
    upstream: {
      async inbox(item): Promise<RpcResult<'inbox'> | RpcError> {
        asked.push(item);
        const { head } = record;
        const users = [...record.members].filter((uid) => item.users?.includes(uid) ?? true);
        await Promise.resolve();
        beforeAnswer();
        if (record.fails) return refusal;
        if (item.users === undefined && users.length > INBOX_USERS) return { head, users: [], more: true };
        return { head, users: users.map((uid): [string, number] => [uid, head]) };
      },
      async news(item) {
        compared.push(item);
        return record.fails ? refusal : { conversations: record.news, more: false };
      },
    },
    onTold() {},
    onLeft() {},
  });
  const enter = (name: string) => {
    const session = new FakeSession(name);
    inbox.add(session);
    return session;
  };
  return {
    ...{ clock, record, asked, compared, inbox, enter },
    subscriptions: () => subscriptions,
    during: (change: () => void) => void (beforeAnswer = change),
    /** A message is stored, and the chat-service says so. */
    post(cid = CID) {
      record.head += 1;
      hint(Buffer.from(JSON.stringify({ v: 1, conversations: [[cid, record.head]] })), '');
    },
    /** It was found whom a message of before mentions. */
    again: (head: number) => hint(Buffer.from(JSON.stringify({ v: 1, conversations: [], again: [[CID, head]] })), ''),
    async pass(ms: number) {
      clock.advance(ms);
      await inbox.step();
    },
  };
}

test('[INB-2] of many messages within a second the last is told, and those are asked about who have not joined', async () => {
  const { post, inbox, enter, pass, asked } = open('ann', 'bob');
  const [ann, other, bob, stranger] = ['ann', 'ann', 'bob', 'cy'].map(enter);
  bob!.joined.add(CID);
  post();
  post();
  await inbox.step();
  for (let n = 0; n < 5; n += 1) {
    post();
    await pass(100);
  }
  await pass(1_000);
  expect([ann!.heads, other!.heads, bob!.heads, stranger!.heads]).toEqual([[2, 7], [2, 7], [], []]);
  expect(asked.map(({ users }) => users)).toEqual([[idOf('ann'), idOf('cy')], [idOf('ann')]]);
});

test('[INB-2] what is found about a message later is told with the same head, and of several within a second once', async () => {
  const { post, inbox, enter, pass, again } = open('ann');
  const ann = enter('ann');
  post();
  await inbox.step();
  again(1);
  again(1);
  await pass(900);
  expect(ann.heads).toEqual([1]);
  await pass(200);
  expect(ann.heads).toEqual([1, 1]);
  await pass(2_000);
  expect(ann.heads).toEqual([1, 1]);
});

test('a conversation in which nobody here is to be told costs no question', async () => {
  const { post, enter, pass, asked } = open('ann');
  const ann = enter('ann');
  ann.joined.add(CID);
  for (let n = 0; n < 3; n += 1) {
    post();
    await pass(2_000);
  }
  expect(asked).toEqual([]);
  ann.joined.delete(CID);
  post();
  await pass(2_000);
  expect([asked.length, ann.heads]).toEqual([1, [4]]);
});

test('[INB-6] who comes, here or to the conversation, is asked about, and who was added is told', async () => {
  const { post, inbox, enter, pass, asked, record } = open('ann', 'cy');
  const [ann, bob] = ['ann', 'bob'].map(enter);
  post();
  await pass(2_000);
  record.members.add(idOf('bob'));
  inbox.changed(TID, idOf('bob'), CID);
  const cy = enter('cy');
  post();
  await pass(2_000);
  expect([ann!.heads, bob!.heads, cy.heads]).toEqual([[1, 2], [2], [2]]);
  post();
  await pass(2_000);
  expect(asked.map(({ users }) => users?.length)).toEqual([2, 3, 3]);
});

test('[INB-6] who is removed while the record answers is not told', async () => {
  const { post, inbox, enter, pass, record, during } = open('ann', 'bob');
  const [ann, bob] = ['ann', 'bob'].map(enter);
  during(() => {
    record.members.delete(idOf('bob'));
    inbox.changed(TID, idOf('bob'), CID);
  });
  post();
  await pass(1);
  during(() => {});
  await pass(2_000);
  await pass(2_000);
  expect([ann!.heads.at(-1), bob!.heads]).toEqual([1, []]);
});

test('[INB-4] a session that does not read is told the latest when it has read, and nothing of what it has left or joined', async () => {
  const { post, inbox, enter, pass } = open('ann');
  const ann = enter('ann');
  ann.sink.buffered = LIMITS.lagBytes + 1;
  for (const cid of [CID, CID, cidOf(1), cidOf(2)]) {
    post(cid);
    await pass(2_000);
  }
  ann.joined.add(cidOf(1));
  inbox.changed(TID, ann.userId, cidOf(2));
  await pass(2_000);
  expect(ann.told).toEqual([]);
  ann.sink.buffered = 0;
  await pass(250);
  expect(ann.told.map(({ cid, head }) => [cid, head])).toEqual([[CID, 2]]);
});

test('[INB-4] of very many conversations the last 1,000 are told', async () => {
  const { post, enter, pass } = open('ann');
  const ann = enter('ann');
  ann.sink.buffered = LIMITS.lagBytes + 1;
  for (let n = 0; n < 1_010; n += 1) post(cidOf(n));
  for (let n = 0; n < 10; n += 1) await pass(250);
  ann.sink.buffered = 0;
  await pass(250);
  expect([ann.told.length, ann.told[0]?.cid]).toEqual([1_000, cidOf(10)]);
});

test('what is not answered stays due', async () => {
  const { post, inbox, enter, pass, record } = open('ann');
  const ann = enter('ann');
  record.fails = true;
  post();
  await expect(inbox.step()).rejects.toThrow('unavailable');
  record.fails = false;
  await pass(500);
  expect(ann.heads).toEqual([1]);
});

test('[INB-5] what no hint was heard of is found in the record, once', async () => {
  const { enter, pass, record, compared, inbox } = open('ann');
  const ann = enter('ann');
  await pass(0);
  record.head = 3;
  record.news = [[TID, CID, 3]];
  await pass(30_000);
  await pass(250);
  await pass(30_000);
  await pass(250);
  expect(ann.heads).toEqual([3]);
  expect(compared.map(({ withinMs }) => withinMs)).toEqual([15_000, 45_000, 45_250]);
  record.fails = true;
  inbox.lost();
  await expect(pass(60_000)).rejects.toThrow('unavailable');
  record.fails = false;
  await pass(60_000);
  expect(compared.at(-1)?.withinMs).toBe(2 * 60_000 + 250 + 15_000);
});

test('a large conversation is asked about by name, a small one as a whole', async () => {
  const names = Array.from({ length: 600 }, (_, n) => `u${n}`);
  const { post, enter, pass, asked, record } = open(...names);
  const sessions = names.map(enter);
  post();
  await pass(1);
  expect(asked.map(({ users }) => users?.length)).toEqual([undefined, 256, 256, 88]);
  expect(sessions.every(({ heads }) => heads.join() === '1')).toBe(true);
  record.members = new Set([idOf('u7'), idOf('elsewhere')]);
  post(cidOf(1));
  await pass(500);
  post(cidOf(1));
  await pass(2_000);
  expect(asked.slice(4).map(({ users }) => users)).toEqual([undefined, [idOf('u7')]]);
});

test('[INB-2] who comes back after the last session of the tenant has closed is told in a conversation that stays busy', async () => {
  const { post, inbox, enter, pass } = open('ann');
  const before = enter('ann');
  post();
  await pass(2_000);
  inbox.remove(before);
  const ann = enter('ann');
  for (let n = 0; n < 4; n += 1) {
    post();
    await pass(2_000);
  }
  expect([before.heads, ann.heads]).toEqual([[1], [2, 3, 4, 5]]);
});

test('[INB-2] the same when the record answers after the last session has closed', async () => {
  const { post, inbox, enter, pass, during } = open('ann');
  const sessions = [enter('ann')];
  during(() => {
    inbox.remove(sessions[0]!);
    sessions.unshift(enter('ann'));
    during(() => {});
  });
  for (let n = 0; n < 4; n += 1) {
    post();
    await pass(2_000);
  }
  expect(sessions[0]!.heads).toEqual([2, 3, 4]);
});

test('[INB-6] who was added is told within a minute or so though nothing said so, however busy the conversation', async () => {
  const { post, enter, pass, record } = open('ann');
  const [ann, bob] = ['ann', 'bob'].map(enter);
  post();
  await pass(1_000);
  record.members.add(idOf('bob'));
  for (let n = 0; n < 70; n += 1) {
    post();
    await pass(1_000);
  }
  expect(ann!.heads.length).toBe(71);
  expect(bob!.heads).toEqual(Array.from({ length: 11 }, (_, n) => 61 + n));
});

test('what is asked again waits under the same bound, and what is beyond it is told after the next comparison', async () => {
  const { post, inbox, enter, pass, record, during } = open('ann', 'bob');
  const [ann] = ['ann', 'bob'].map(enter);
  during(() => {
    during(() => {});
    inbox.changed(TID, idOf('ann'), CID);
    for (let n = 0; n < 50_000; n += 1) post(cidOf(n));
  });
  post();
  await pass(0);
  expect(inbox.size).toBe(50_000);
  record.news = [[TID, CID, record.head]];
  await pass(30_000);
  for (let n = 0; n < 200; n += 1) await pass(1_000);
  expect(ann!.told.some(({ cid }) => cid === CID)).toBe(true);
});

test('what sessions that do not read wait for is bounded over all of them', async () => {
  const names = Array.from({ length: 101 }, (_, n) => `u${n}`);
  const { post, inbox, enter, pass } = open(...names);
  const sessions = names.map(enter);
  for (const { sink } of sessions) sink.buffered = LIMITS.lagBytes + 1;
  for (let n = 0; n < 1_000; n += 1) post(cidOf(n));
  for (let n = 0; n < 10; n += 1) await pass(500);
  expect(inbox.held).toBe(100_000);
  inbox.remove(sessions[1]!);
  expect(inbox.held).toBe(99_000);
  for (const { sink } of sessions) sink.buffered = 0;
  await pass(500);
  expect(inbox.held).toBe(0);
  expect([0, 1, 2].map((n) => sessions[n]!.told.length)).toEqual([0, 0, 1_000]);
});

test('a tenant is listened to while it has such sessions', () => {
  const { enter, inbox, subscriptions } = open('ann');
  const sessions = ['ann', 'ann', 'bob'].map(enter);
  expect(subscriptions()).toBe(1);
  for (const session of sessions) inbox.remove(session);
  expect(subscriptions()).toBe(0);
});
