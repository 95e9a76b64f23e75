import { VirtualClock } from '@messagecore/kernel';
import { RPC_BATCH, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { MissedAdditions } from './missed-additions.ts';

function open(count: number) {
  const clock = new VirtualClock();
  const asked: RpcItem<'gained'>[] = [];
  const told: string[] = [];
  const state = { fails: 0 };
  const users = Array.from({ length: count }, (_, n) => ({ tid: 't', uid: `user ${n}` }));
  const gained = async (item: RpcItem<'gained'>): Promise<RpcResult<'gained'> | RpcError> => {
    asked.push(item);
    if (state.fails > 0) {
      state.fails -= 1;
      return { error: 'unavailable', msg: '' };
    }
    return { cids: item.uid === 'user 0' ? ['later', 'earlier'] : [] };
  };
  const onUser = (_: string, uid: string, event: object) =>
    void told.push(`${uid} ${'conv' in event ? String(event.conv) : ''} ${'cid' in event ? String(event.cid) : ''}`);
  const additions = new MissedAdditions({ clock, gained, users: () => users, onUser });
  return { clock, additions, asked, told, state, users };
}

test('[SIG-3] after a break each user is asked about once, for the time of the break and a little before', async () => {
  const { clock, additions, asked, told } = open(2);
  await additions.step();
  expect(asked).toEqual([]);
  additions.disconnected();
  clock.advance(10_000);
  additions.disconnected();
  additions.reconnected();
  await additions.step();
  await additions.step();
  expect(asked.map(({ uid, withinMs }) => [uid, withinMs])).toEqual([
    ['user 0', 40_000],
    ['user 1', 40_000],
  ]);
  expect(told).toEqual(['user 0 added earlier', 'user 0 added later']);
});

test('[SIG-3] those who are not answered are asked about again, and no others', async () => {
  const { clock, additions, asked, state, told } = open(RPC_BATCH + 1);
  additions.disconnected();
  additions.reconnected();
  state.fails = 1;
  await additions.step();
  expect([asked.length, told]).toEqual([RPC_BATCH, []]);
  clock.advance(1_000);
  await additions.step();
  expect([asked.length, told.length]).toEqual([RPC_BATCH + 2, 2]);
  await additions.step();
  expect(asked).toHaveLength(RPC_BATCH + 2);
});

test('chat-services of the version before do not answer: it is given up after a while', async () => {
  const { clock, additions, asked, state } = open(1);
  state.fails = Number.POSITIVE_INFINITY;
  additions.disconnected();
  additions.reconnected();
  for (let second = 0; second < 300; second += 1) {
    clock.advance(1_000);
    await additions.step();
  }
  expect(asked.length).toBeLessThan(130);
});

test('a second break asks about the time since the first, unless that was answered', async () => {
  const { clock, additions, asked, state } = open(1);
  additions.disconnected();
  additions.reconnected();
  state.fails = 1;
  await additions.step();
  clock.advance(5_000);
  additions.disconnected();
  additions.reconnected();
  await additions.step();
  expect(asked.at(-1)?.withinMs).toBe(35_000);
  clock.advance(5_000);
  additions.disconnected();
  additions.reconnected();
  await additions.step();
  expect(asked.at(-1)?.withinMs).toBe(30_000);
});
