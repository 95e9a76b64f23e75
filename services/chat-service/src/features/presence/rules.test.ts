import { expect, test } from 'vitest';
import { type Showing, shownOf } from './rules.ts';

const plain: Showing = { choice: null, showsLastSeen: true, invisibleSince: null, isBlocked: false };
const seenAt = 100;

test.each([
  ['as the devices say', 'active', {}, { state: 'online', lastSeen: null }],
  ['as the devices say', 'away', { choice: 'online' }, { state: 'away', lastSeen: null }],
  ['with the time', 'gone', {}, { state: 'offline', lastSeen: 100 }],
  ['without the time', 'gone', { showsLastSeen: false }, { state: 'offline', lastSeen: null }],
  ['what was chosen', 'active', { choice: 'busy' }, { state: 'busy', lastSeen: null }],
  ['what was chosen', 'away', { choice: 'busy' }, { state: 'busy', lastSeen: null }],
  ['what was chosen', 'active', { choice: 'away' }, { state: 'away', lastSeen: null }],
  ['nothing that was chosen', 'gone', { choice: 'busy' }, { state: 'offline', lastSeen: 100 }],
  ['nothing', 'active', { choice: 'invisible', invisibleSince: 40 }, { state: 'offline', lastSeen: 40 }],
  ['nothing', 'gone', { choice: 'invisible', invisibleSince: 140 }, { state: 'offline', lastSeen: 140 }],
  ['nothing', 'active', { isBlocked: true }, { state: 'offline', lastSeen: null }],
  ['nothing', 'gone', { isBlocked: true }, { state: 'offline', lastSeen: null }],
] as const)('[PRES-3] [PRES-4] [PRES-6] shows %s: %s, %j', (_what, activity, given, shown) => {
  expect(shownOf({ activity, seenAt }, { ...plain, ...given })).toEqual(shown);
});

test('[PRES-4] who was never seen has no time', () => {
  expect(shownOf({ activity: 'gone', seenAt: null }, plain)).toEqual({ state: 'offline', lastSeen: null });
});
