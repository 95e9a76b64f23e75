import type { Bus } from '@messagecore/bus';
import { VirtualClock } from '@messagecore/kernel';
import type { DownFrame, DownFrameOf } from '@messagecore/protocol';
import type { RpcError, RpcItem, RpcResult } from '@messagecore/protocol/bus';
import { expect, test, vi } from 'vitest';
import type { Frames } from '../egress/block.ts';
import { TellPresence } from './tell-presence.ts';
import { type Watcher, Watchers } from './watchers.ts';

type State = DownFrameOf<'presence'>['state'];

function open() {
  const clock = new VirtualClock();
  const watchers = new Watchers();
  const states = new Map<string, [State, number | null]>();
  const asked: string[] = [];
  const subjects = new Map<string, (payload: Uint8Array) => void>();
  let failure: RpcError | undefined;
  /** What the next answers wait for, after they were read. */
  const holds: Promise<void>[] = [];
  const presence = async ({ uid, users }: RpcItem<'presence'>): Promise<RpcResult<'presence'> | RpcError> => {
    asked.push(`${uid}: ${users.join(' ')}`);
    if (failure !== undefined) return failure;
    const seen = users.flatMap((user) => {
      const [state, lastSeen] = states.get(user) ?? [];
      return state === undefined ? [] : [[user, state, lastSeen ?? null] as [string, State, number | null]];
    });
    const held = holds.shift();
    if (held !== undefined) await held;
    return { users: seen };
  };
  const bus: Pick<Bus, 'subscribe'> = {
    subscribe(subject, handler) {
      subjects.set(subject, (payload) => handler(payload, subject, () => undefined));
      return { unsubscribe: () => void subjects.delete(subject) };
    },
  };
  const tell = new TellPresence({ clock, bus, watchers, upstream: { presence } });
  return {
    ...{ tell, watchers, states, asked, subjects, holds },
    fail: (as: RpcError | undefined) => (failure = as),
    changed: (...users: string[]) =>
      subjects.get('presence.tenant')?.(Buffer.from(JSON.stringify({ v: 1, users: users.map((user) => IDS[user]) }))),
    async step(times = 1) {
      for (let n = 0; n < times; n += 1) {
        clock.advance(1_000);
        await tell.step();
      }
    },
    session(userId: string) {
      const told: DownFrame[] = [];
      const state = { lags: false };
      const deliver = (frames: Frames) => {
        if (state.lags) return false;
        frames.each((json) => told.push(JSON.parse(Buffer.from(json).toString()) as DownFrame));
        return true;
      };
      const watcher: Watcher = { tid: 'tenant', userId, sink: { deliver } };
      return {
        ...{ watcher, state },
        told: () => told.splice(0),
        tell: async (ids: readonly string[]) => {
          tell.watched(watcher, ids);
          await new Promise(setImmediate);
        },
        watch: async (...users: string[]) => {
          const ids = users.map((user) => IDS[user] ?? '');
          watchers.watch(watcher, ids);
          tell.watched(watcher, ids);
          await new Promise(setImmediate);
        },
      };
    },
  };
}

const ID = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const IDS: Readonly<Record<string, string>> = { bob: ID(1), cy: ID(2), dan: ID(3) };
const [BOB, CY] = [ID(1), ID(2)];
const shown = (user: string, state: State, lastSeen?: number) => ({
  ...{ t: 'presence', user, state },
  ...(lastSeen !== undefined && { lastSeen }),
});

test('[PRES-5] is told at once, and then of changes alone', async () => {
  const { session, states, changed, step, asked } = open();
  states.set(BOB, ['online', null]).set(CY, ['offline', 7]);
  const ann = session('ann');
  await ann.watch('bob', 'cy', 'dan');
  expect(ann.told()).toEqual([shown(BOB, 'online'), shown(CY, 'offline', 7)]);
  states.set(BOB, ['busy', null]);
  changed('bob', 'cy');
  expect(ann.told()).toEqual([]);
  await step();
  expect(ann.told()).toEqual([shown(BOB, 'busy')]);
  asked.length = 0;
  changed('bob');
  changed('bob');
  await step();
  expect(asked).toEqual([`ann: ${BOB}`]);
  expect(ann.told()).toEqual([]);
});

test('[PRES-6] who is seen no more is offline', async () => {
  const { session, states, changed, step } = open();
  states.set(BOB, ['online', null]);
  const ann = session('ann');
  await ann.watch('bob');
  ann.told();
  states.delete(BOB);
  changed('bob');
  await step();
  expect(ann.told()).toEqual([shown(BOB, 'offline')]);
});

test('[PRES-5] hears of a tenant while somebody watches, and of nobody whom nobody watches', async () => {
  const { session, watchers, subjects, states, changed, step, asked } = open();
  states.set(BOB, ['online', null]);
  const ann = session('ann');
  expect([...subjects.keys()]).toEqual([]);
  await ann.watch('bob');
  await step();
  expect([...subjects.keys()]).toEqual(['presence.tenant']);
  asked.length = 0;
  changed('dan');
  await step();
  expect(asked).toEqual([]);
  watchers.ended(ann.watcher);
  await step();
  expect([...subjects.keys()]).toEqual([]);
});

test('[PRES-8] what is not answered is asked again, and is told then', async () => {
  const { session, states, fail, step, asked } = open();
  states.set(BOB, ['online', null]);
  fail({ error: 'unavailable', msg: 'no Redis' });
  const ann = session('ann');
  await ann.watch('bob');
  await step(2);
  expect(asked).toHaveLength(1);
  fail(undefined);
  await step(3);
  expect(ann.told()).toEqual([shown(BOB, 'online')]);
});

test('[PRES-5] [PRES-8] in turn everybody is asked about again, also for who lagged', async () => {
  const { session, states, tell, step } = open();
  states.set(BOB, ['online', null]);
  const [ann, eve] = [session('ann'), session('eve')];
  await ann.watch('bob');
  await eve.watch('bob');
  await step();
  ann.told();
  eve.told();
  states.set(BOB, ['away', null]);
  ann.state.lags = true;
  await step(2 * 120);
  expect([ann.told(), eve.told()]).toEqual([[], [shown(BOB, 'away')]]);
  ann.state.lags = false;
  tell.lost();
  await step(15);
  expect(ann.told()).toEqual([shown(BOB, 'away')]);
});

test('[PRES-5] who watches very many is told of them one after the other, and of none who is watched no more', async () => {
  const { session, step, asked, watchers } = open();
  const ann = session('ann');
  const many = Array.from({ length: 5_000 }, (_, n) => `user ${n}`);
  watchers.watch(ann.watcher, many);
  await ann.tell(many);
  expect(asked).toHaveLength(2);
  await step();
  expect(asked).toHaveLength(4);
  watchers.unwatch(ann.watcher, many);
  await step();
  expect(asked).toHaveLength(4);
});

test('[PRES-5] who watches anew is told anew, at every session', async () => {
  const { session, states, step } = open();
  states.set(BOB, ['online', null]);
  const [phone, desk] = [session('ann'), session('ann')];
  await phone.watch('bob');
  await desk.watch('bob');
  await step();
  await phone.watch('bob');
  await step();
  expect(phone.told()).toEqual([shown(BOB, 'online'), shown(BOB, 'online')]);
  expect(desk.told()).toEqual([shown(BOB, 'online')]);
});

test('[PRES-5] what the bus has lost is told within two minutes, however many begin to watch meanwhile', async () => {
  const { session, states, watchers, step, asked } = open();
  states.set(BOB, ['online', null]);
  const ann = session('ann');
  await ann.watch('bob');
  ann.told();
  asked.length = 0;
  for (let n = 0; n < 110 && asked.length === 0; n += 1) await step();
  expect(asked).toEqual([`ann: ${BOB}`]);
  states.set(BOB, ['away', null]);
  for (let n = 0; n < 1_000; n += 1) watchers.watch(session(`eve ${n}`).watcher, [BOB]);
  await step(110);
  expect(ann.told()).toEqual([shown(BOB, 'away')]);
});

test('[PRES-5] of a user whom very many watch, who changes all the time, the last state is told, less often', async () => {
  const { session, states, watchers, changed, step, asked } = open();
  const ann = session('ann');
  await ann.watch('bob');
  for (let n = 0; n < 10_000; n += 1) watchers.watch(session(`eve ${n}`).watcher, [BOB]);
  const counts: number[] = [];
  for (let n = 0; n < 7; n += 1) {
    states.set(BOB, [n % 2 === 0 ? 'online' : 'busy', null]);
    changed('bob');
    asked.length = 0;
    await step();
    counts.push(asked.length);
  }
  expect(counts).toEqual([10_001, 0, 0, 10_001, 0, 0, 10_001]);
  expect(ann.told()).toEqual([shown(BOB, 'online'), shown(BOB, 'busy'), shown(BOB, 'online')]);
  states.set(BOB, ['away', null]);
  changed('bob');
  await step(3);
  expect(ann.told()).toEqual([shown(BOB, 'away')]);
});

test('[PRES-5] an answer that comes after that of a later question tells nothing', async () => {
  const { session, states, changed, step, holds } = open();
  states.set(BOB, ['online', null]).set(CY, ['online', null]);
  const [ann, late] = [session('ann'), Promise.withResolvers<void>()];
  holds.push(late.promise);
  await ann.watch('bob', 'cy');
  states.set(BOB, ['busy', null]);
  changed('bob');
  await step();
  expect(ann.told()).toEqual([shown(BOB, 'busy')]);
  late.resolve();
  await new Promise(setImmediate);
  expect(ann.told()).toEqual([shown(CY, 'online')]);
});

test('[PRES-5] a user of many sessions that watch many costs no more than those together', async () => {
  const { session, watchers } = open();
  const sessions = Array.from({ length: 500 }, () => session('ann'));
  const users = Array.from({ length: 5_000 }, (_, n) => `user ${n}`);
  for (const [n, { watcher }] of sessions.entries()) watchers.watch(watcher, users.slice(n * 10, n * 10 + 10));
  let lookUps = 0;
  class Counting extends Map<string, State | undefined> {
    override has(user: string): boolean {
      lookUps += 1;
      return super.has(user);
    }
  }
  const counting = [...watchers.sessionsOf('ann')].map(
    ([watcher, watched]) => [watcher, new Counting(watched)] as const,
  );
  vi.spyOn(watchers, 'sessionsOf').mockReturnValue(new Map(counting));
  await sessions[0]?.tell(users);
  expect(lookUps).toBeLessThan(3 * users.length);
});
