import { VirtualClock } from '@messagecore/kernel';
import { PRESENCE_EVERY_MS, PRESENCE_USERS, type RpcItem } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { PresenceReports } from './reports.ts';

const session = (userId: string, sid = userId, tid = 'tenant') => ({ tid, userId, sid });
const none = { active: [], away: [], gone: [] };

function open() {
  const clock = new VirtualClock();
  const told: RpcItem<'present'>[] = [];
  const reports = new PresenceReports({
    clock,
    async report(item) {
      told.push(item);
      return {};
    },
  });
  const step = async () => {
    clock.advance(1_000);
    await reports.step();
    return told.splice(0);
  };
  return { clock, reports, step };
}

test('[PRES-1] a change is reported with the next step, everybody in turn', async () => {
  const { clock, reports, step } = open();
  expect(await step()).toEqual([]);
  reports.opened(session('ann'));
  reports.opened(session('bob'));
  expect(await step()).toEqual([{ tid: 'tenant', ...none, active: ['ann', 'bob'] }]);
  expect(await step()).toEqual([]);
  clock.advance(PRESENCE_EVERY_MS);
  expect(await step()).toEqual([{ tid: 'tenant', ...none, active: ['ann', 'bob'] }]);
  reports.closed(session('ann'));
  expect(await step()).toEqual([{ tid: 'tenant', ...none, gone: ['ann'] }]);
});

test('[PRES-1] a user is away when nobody is at any device', async () => {
  const { reports, step } = open();
  reports.opened(session('ann', 'phone'));
  reports.opened(session('ann', 'desk'));
  await step();
  reports.set(session('ann', 'phone'), false);
  expect(await step()).toEqual([]);
  reports.set(session('ann', 'desk'), false);
  expect(await step()).toEqual([{ tid: 'tenant', ...none, away: ['ann'] }]);
  reports.opened(session('ann', 'tablet'));
  expect(await step()).toEqual([{ tid: 'tenant', ...none, active: ['ann'] }]);
  reports.closed(session('ann', 'tablet'));
  expect(await step()).toEqual([{ tid: 'tenant', ...none, away: ['ann'] }]);
});

test('[PRES-2] who comes back before the next step is not reported as gone', async () => {
  const { reports, step } = open();
  reports.opened(session('ann', 'one'));
  await step();
  reports.closed(session('ann', 'one'));
  reports.opened(session('ann', 'two'));
  reports.closed(session('ann', 'one'));
  expect(await step()).toEqual([{ tid: 'tenant', ...none, active: ['ann'] }]);
});

test('reports are of one tenant, and of so many users at most', async () => {
  const { reports, step } = open();
  for (let n = 0; n <= PRESENCE_USERS; n += 1) reports.opened(session(`user ${n}`));
  reports.opened(session('eve', 'eve', 'other'));
  const told = await step();
  expect(told.map(({ tid, active }) => [tid, active.length])).toEqual([
    ['tenant', PRESENCE_USERS],
    ['tenant', 1],
    ['other', 1],
  ]);
});

test('a session that has ended says nothing more', async () => {
  const { reports, step } = open();
  reports.opened(session('ann', 'one'));
  reports.closed(session('ann', 'one'));
  await step();
  reports.set(session('ann', 'one'), true);
  expect(await step()).toEqual([]);
});
