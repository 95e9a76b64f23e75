import { VirtualClock } from '@messagecore/kernel';
import type { RpcError, RpcItem, RpcResult } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { FakeSink } from './room.fixture.ts';
import { createTellWatchers } from './tell-watchers.ts';
import { type Watcher, Watchers } from './watchers.ts';

function open(answer: (item: RpcItem<'viewers'>) => RpcResult<'viewers'> | RpcError) {
  const clock = new VirtualClock();
  const watchers = new Watchers();
  const asked: (readonly string[])[] = [];
  const tell = createTellWatchers({
    ...{ clock, watchers },
    upstream: {
      async viewers(item) {
        asked.push(item.users);
        await Promise.resolve();
        return answer(item);
      },
    },
  });
  const enter = (userId: string, ...users: string[]) => {
    const sink = new FakeSink();
    const watcher: Watcher = { tid: 'tenant', userId, sink };
    watchers.watch(watcher, users);
    return { watcher, sink, heard: () => sink.sent.length };
  };
  const change = (of: string) => tell('tenant', { v: 1, event: 'frame', watching: of }, Buffer.from('{"t":"event"}'));
  return { clock, watchers, asked, enter, change };
}

test('[USER-4] those alone hear of a change who see the user; members are asked about once a minute, guests each time', async () => {
  const { clock, asked, enter, change } = open(() => ({ users: ['bob'], guests: ['near'] }));
  const [bob, again, near, far] = ['bob', 'bob', 'near', 'far'].map((user) => enter(user, 'ann'));
  for (let n = 0; n < 3; n += 1) await change('ann');
  clock.advance(60_000);
  await change('ann');
  expect([bob, again, near, far].map((each) => each!.heard())).toEqual([4, 4, 4, 0]);
  const guests = ['near', 'far'];
  expect(asked).toEqual([['bob', ...guests], guests, guests, ['bob', ...guests]]);
});

test('[USER-4] nobody is told of whom the record does not answer, nor who has gone or watches no more meanwhile', async () => {
  const state = { fails: true };
  const { watchers, enter, change } = open(({ users }) =>
    state.fails ? { error: 'unavailable', msg: 'none' } : { users: [...users], guests: [] },
  );
  const [bob, cy, dan] = ['bob', 'cy', 'dan'].map((user) => enter(user, 'ann', 'eve'));
  await change('ann');
  state.fails = false;
  const told = change('ann');
  watchers.ended(cy!.watcher);
  watchers.unwatch(dan!.watcher, ['ann']);
  await told;
  expect([bob, cy, dan].map((each) => each!.heard())).toEqual([1, 0, 0]);
});

test('[USER-4] of many watchers a thousand are asked about at once', async () => {
  const { asked, enter, change } = open(({ users }) => ({ users: [...users], guests: [] }));
  const all = Array.from({ length: 2_001 }, (_, n) => enter(`user ${n}`, 'ann'));
  await change('ann');
  expect(asked.map(({ length }) => length)).toEqual([1_000, 1_000, 1]);
  expect(all.every(({ heard }) => heard() === 1)).toBe(true);
});
