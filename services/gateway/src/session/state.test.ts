import { CLOSE } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { type Effect, type SessionEvent, type State, step, TABLE } from './state.ts';

const STATES: readonly State[] = ['waiting', 'opening', 'ready', 'draining', 'closed'];

/** Every cell, by hand: where the event leads, and what is done, in order. `.` stays and does nothing. */
const CELLS: Readonly<Record<SessionEvent, Readonly<Record<Exclude<State, 'closed'>, string>>>> = {
  auth: {
    waiting: 'opening: verify',
    opening: 'opening: keep',
    ready: 'ready: verify',
    draining: 'draining: verify',
  },
  frame: {
    waiting: 'closed: error unauthorized, close 4401, release',
    opening: 'opening: keep',
    ready: 'ready: dispatch',
    draining: 'draining: dispatch',
  },
  opened: {
    waiting: '.',
    opening: 'ready: welcome, dispatchKept',
    ready: 'ready: welcome',
    draining: 'draining: welcome',
  },
  refused: {
    waiting: '.',
    opening: 'closed: errorGiven, close 4401, release',
    ready: 'closed: errorGiven, close 4401, release',
    draining: 'closed: errorGiven, close 4401, release',
  },
  barred: {
    waiting: '.',
    opening: 'closed: errorGiven, close 4403, release',
    ready: 'closed: errorGiven, close 4403, release',
    draining: 'closed: errorGiven, close 4403, release',
  },
  unverified: {
    waiting: '.',
    opening: 'closed: errorGiven, closeGiven, release',
    ready: 'ready: errorGiven',
    draining: 'draining: errorGiven',
  },
  authTimeout: { waiting: 'closed: close 4408, release', opening: '.', ready: '.', draining: '.' },
  backlog: {
    waiting: '.',
    opening: 'closed: error rate_limited, close 4429, release',
    ready: '.',
    draining: '.',
  },
  expired: {
    waiting: '.',
    opening: '.',
    ready: 'closed: bye expired, close 4401, release',
    draining: 'closed: bye expired, close 4401, release',
  },
  silent: {
    waiting: 'closed: close 4408, release',
    opening: 'closed: close 4408, release',
    ready: 'closed: close 4408, release',
    draining: 'closed: close 4408, release',
  },
  malformed: {
    waiting: 'closed: close 4400, release',
    opening: 'closed: close 4400, release',
    ready: 'closed: close 4400, release',
    draining: 'closed: close 4400, release',
  },
  flooding: {
    waiting: 'closed: close 4429, release',
    opening: 'closed: close 4429, release',
    ready: 'closed: close 4429, release',
    draining: 'closed: close 4429, release',
  },
  tooFarBehind: {
    waiting: '.',
    opening: '.',
    ready: 'closed: bye lagging, close 1013, release',
    draining: 'closed: bye lagging, close 1013, release',
  },
  revoked: {
    waiting: '.',
    opening: '.',
    ready: 'closed: bye revoked, close 4401, release',
    draining: 'closed: bye revoked, close 4401, release',
  },
  deactivated: {
    waiting: '.',
    opening: '.',
    ready: 'closed: error forbidden, close 4403, release',
    draining: 'closed: error forbidden, close 4403, release',
  },
  suspended: {
    waiting: '.',
    opening: '.',
    ready: 'closed: error tenant_suspended, bye suspended, close 4403, release',
    draining: 'closed: error tenant_suspended, bye suspended, close 4403, release',
  },
  drain: {
    waiting: 'closed: bye draining, close 1012, release',
    opening: 'closed: bye draining, close 1012, release',
    ready: 'draining: bye draining',
    draining: '.',
  },
  drained: {
    waiting: 'closed: close 1012, release',
    opening: 'closed: close 1012, release',
    ready: 'closed: close 1012, release',
    draining: 'closed: close 1012, release',
  },
  gone: {
    waiting: 'closed: release',
    opening: 'closed: release',
    ready: 'closed: release',
    draining: 'closed: release',
  },
};

const EVENTS = Object.keys(CELLS) as SessionEvent[];

function describe(effect: Effect): string {
  if (effect.do === 'close') return `close ${effect.code}`;
  if (effect.do === 'error') return `error ${effect.code}`;
  return effect.do === 'bye' ? `bye ${effect.reason}` : effect.do;
}

function cellOf(state: State, event: SessionEvent): string {
  const { to, effects } = step(state, event);
  if (to === state && effects.length === 0) return '.';
  return `${to}: ${effects.map(describe).join(', ')}`;
}

test.each(EVENTS)('every cell of %s', (event) => {
  for (const [state, cell] of Object.entries(CELLS[event]))
    expect(`${state} ${cellOf(state as State, event)}`).toBe(`${state} ${cell}`);
  expect(cellOf('closed', event)).toBe('.');
});

test('the table has these states and events and no others', () => {
  expect(Object.keys(TABLE)).toEqual(STATES);
  for (const row of Object.values(TABLE)) expect(Object.keys(row).sort()).toEqual([...EVENTS].sort());
});

test('a session lets go of everything once, and closes its connection unless that is gone', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const { to, effects } = step(state, event);
      const names = effects.map((effect) => effect.do);
      const ends = state !== 'closed' && to === 'closed';
      expect(names.filter((name) => name === 'release')).toHaveLength(ends ? 1 : 0);
      const closes = names.filter((name) => name === 'close' || name === 'closeGiven').length;
      expect(closes).toBe(ends && event !== 'gone' ? 1 : 0);
    }
  }
});

test('[CON-5] before ready nothing but what ends the connection is said', () => {
  const speaks = (effects: readonly Effect[]) =>
    effects.some(({ do: does }) => /^(?:error|errorGiven|bye)$/.test(does));
  const cells = (['waiting', 'opening'] as const).flatMap((state) => EVENTS.map((event) => step(state, event)));
  for (const { to } of cells.filter(({ effects }) => speaks(effects))) expect(to).toBe('closed');
  expect(cells.some(({ effects }) => speaks(effects))).toBe(true);
});

test('every close has a code of the protocol', () => {
  const codes: readonly number[] = Object.values(CLOSE);
  const effects = Object.values(TABLE).flatMap((row) => Object.values(row).flatMap((cell) => cell.effects));
  const closes = effects.flatMap((effect) => (effect.do === 'close' ? [effect.code] : []));
  expect(closes.filter((code) => !codes.includes(code))).toEqual([]);
  expect(closes.length).toBeGreaterThan(20);
});
