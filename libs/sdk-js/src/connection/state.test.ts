import { ABNORMAL_CLOSE, CLOSE } from '@messagecore/protocol/constants';
import { describe, expect, test } from 'vitest';
import {
  type ConnectionEvent,
  type ConnectionState,
  type Effect,
  HEALTHY_MS,
  initialState,
  step,
  TOKEN_REFUSALS,
  TOKEN_REFUSED_MS,
  WS_MISSES,
} from './state.ts';

const base = initialState('auto', true);

/** Every row: a state. */
const STATES = {
  idle: base,
  token: { ...base, phase: 'token' },
  opening: { ...base, phase: 'opening' },
  online: { ...base, phase: 'online', onlineSince: 0 },
  'online, leaving': { ...base, phase: 'online', leaving: true, onlineSince: 0 },
  'online by SSE': { ...base, phase: 'online', transport: 'sse', misses: WS_MISSES, onlineSince: 0 },
  waiting: { ...base, phase: 'waiting' },
  stopped: { ...base, phase: 'stopped', error: 'forbidden' },
} as const satisfies Record<string, ConnectionState>;

/** Every column: an event. */
const EVENTS = {
  connect: { type: 'connect' },
  disconnect: { type: 'disconnect' },
  token: { type: 'token' },
  'token failed': { type: 'tokenFailed' },
  'token denied': { type: 'tokenFailed', error: 'unauthorized' },
  ready: { type: 'ready', now: 7 },
  bye: { type: 'bye', reconnectInMs: 900, expired: false },
  timer: { type: 'timer' },
  wake: { type: 'wake' },
  'ws works': { type: 'wsWorks' },
  silent: { type: 'silent', now: HEALTHY_MS },
  'closed abnormally': { type: 'closed', code: ABNORMAL_CLOSE, now: 1 },
  'closed 1000': { type: 'closed', code: CLOSE.normal, now: 1 },
  'closed 1001': { type: 'closed', code: CLOSE.goingAway, now: 1 },
  'closed 1009': { type: 'closed', code: CLOSE.tooLarge, now: 1 },
  'closed 1012': { type: 'closed', code: CLOSE.restart, now: 1 },
  'closed 1013': { type: 'closed', code: CLOSE.tooFarBehind, now: 1 },
  'closed 4400': { type: 'closed', code: CLOSE.malformed, now: 1 },
  'closed 4401': { type: 'closed', code: CLOSE.unauthorized, now: 1 },
  'closed 4403': { type: 'closed', code: CLOSE.forbidden, now: 1 },
  'closed 4408': { type: 'closed', code: CLOSE.timeout, now: 1 },
  'closed 4429': { type: 'closed', code: CLOSE.flooding, now: 1, retryAfterMs: 3_000 },
} as const satisfies Record<string, ConnectionEvent>;

const closes = (cell: string) =>
  ({
    'closed abnormally': cell,
    'closed 1000': cell,
    'closed 1001': cell,
    'closed 1009': cell,
    'closed 1012': cell,
    'closed 1013': cell,
    'closed 4400': cell,
    'closed 4401': cell,
    'closed 4403': cell,
    'closed 4408': cell,
    'closed 4429': cell,
  }) as const;

const ignored = {
  connect: '-',
  token: '-',
  'token failed': '-',
  'token denied': '-',
  ready: '-',
  bye: '-',
  timer: '-',
  wake: '-',
  'ws works': '-',
  silent: '-',
  ...closes('-'),
} as const;
const toIdle = { disconnect: 'idle: cancelTimer, drop' } as const;

const backOff = 'waiting: wait>=0+';
const lost = {
  silent: `waiting: drop, wait>=0+`,
  ...closes(backOff),
  'closed 4400': 'stopped(bad_frame): cancelTimer',
  'closed 4401': 'token: cancelTimer, fetchToken(fresh)',
  'closed 4403': 'stopped(forbidden): cancelTimer',
  'closed 4429': 'waiting: wait>=3000+',
} as const;

const TABLE: Record<keyof typeof STATES, Record<keyof typeof EVENTS, string>> = {
  idle: { ...ignored, ...toIdle, connect: 'token: fetchToken' },
  token: {
    ...ignored,
    ...toIdle,
    token: 'opening: open ws 0',
    'token failed': backOff,
    'token denied': 'stopped(unauthorized): cancelTimer',
  },
  opening: { ...ignored, ...toIdle, ...lost, ready: 'online', bye: 'opening: wait>=900' },
  online: {
    ...ignored,
    ...toIdle,
    ...lost,
    bye: 'online: wait>=900',
    wake: 'online: probe',
    silent: 'waiting: drop, resetBackoff, wait>=0+',
  },
  'online, leaving': {
    ...ignored,
    ...toIdle,
    ...lost,
    ...closes('waiting'),
    'closed 4400': 'stopped(bad_frame): cancelTimer',
    'closed 4401': 'token: cancelTimer, fetchToken(fresh)',
    'closed 4403': 'stopped(forbidden): cancelTimer',
    bye: 'online: wait>=900',
    timer: 'token: drop, fetchToken',
    wake: 'online: probe',
    silent: 'waiting: drop',
  },
  'online by SSE': {
    ...ignored,
    ...toIdle,
    ...lost,
    bye: 'online: wait>=900',
    wake: 'online: probe',
    'ws works': 'token: drop, fetchToken',
    silent: 'waiting: drop, resetBackoff, wait>=0+',
  },
  waiting: { ...ignored, ...toIdle, timer: 'token: fetchToken', wake: 'token: cancelTimer, fetchToken' },
  stopped: { ...ignored, ...toIdle, connect: 'token: fetchToken' },
};

function describeEffect(effect: Effect): string {
  if (effect.type === 'fetchToken') return effect.fresh ? 'fetchToken(fresh)' : 'fetchToken';
  if (effect.type === 'open') return `open ${effect.transport} ${effect.endpoint}`;
  if (effect.type === 'wait') return `wait>=${effect.atLeastMs}${effect.backoff ? '+' : ''}`;
  return effect.type;
}

function outcome(state: ConnectionState, event: ConnectionEvent): string {
  const next = step(state, event);
  if (next.state === state && next.effects.length === 0) return '-';
  const phase = next.state.error === undefined ? next.state.phase : `${next.state.phase}(${next.state.error})`;
  return [phase, next.effects.map(describeEffect).join(', ')].filter((part) => part !== '').join(': ');
}

describe('every cell of the table', () => {
  for (const [row, cells] of Object.entries(TABLE))
    test(row, () => {
      const state = STATES[row as keyof typeof STATES];
      const found = Object.entries(EVENTS).map(([column, event]) => [column, outcome(state, event)]);
      expect(Object.fromEntries(found)).toEqual(cells);
    });
});

function run(state: ConnectionState, ...events: ConnectionEvent[]): ConnectionState {
  return events.reduce((current, event) => step(current, event).state, state);
}

const failedAttempt = [{ type: 'timer' }, { type: 'token' }, EVENTS['closed abnormally']] as const;

test('after three attempts that never opened SSE has its turn, then both in turn', () => {
  let state = run(base, { type: 'connect' }, { type: 'token' }, EVENTS['closed abnormally']);
  const tried: string[] = [state.transport];
  for (let round = 0; round < 5; round += 1) {
    state = run(state, ...failedAttempt);
    tried.push(state.transport);
  }
  expect(tried).toEqual(['ws', 'ws', 'sse', 'ws', 'sse', 'ws']);
});

test('a refusal by the server is no reason for SSE, and another mode than auto never changes', () => {
  const refusing = { type: 'closed', code: CLOSE.tooFarBehind, now: 1 } as const;
  let state: ConnectionState = { ...base, phase: 'waiting' };
  for (let round = 0; round < 9; round += 1) state = run(state, { type: 'timer' }, { type: 'token' }, refusing);
  expect(state.transport).toBe('ws');
  for (const mode of ['ws', 'sse'] as const) {
    state = { ...initialState(mode, true), phase: 'waiting' };
    for (let round = 0; round < 9; round += 1) state = run(state, ...failedAttempt);
    expect(state.transport).toBe(mode);
  }
});

test('an SSE stream that was open stays the way', () => {
  expect(run(STATES['online by SSE'], EVENTS['closed abnormally']).transport).toBe('sse');
});

test('every loss goes on to the next endpoint, a refused token does not', () => {
  expect(run(STATES.online, EVENTS['closed abnormally']).endpoint).toBe(1);
  expect(run(STATES.online, EVENTS.bye, { type: 'timer' }).endpoint).toBe(1);
  expect(run(STATES.online, EVENTS['closed 4401']).endpoint).toBe(0);
});

test('a token is asked for anew for a minute, and a few times in a row, then the client stops', () => {
  const state = { ...STATES.opening, refusals: TOKEN_REFUSALS - 1 };
  expect(outcome({ ...state, refusals: 1 }, EVENTS['closed 4401'])).toBe(backOff);
  const later = { type: 'closed', code: CLOSE.unauthorized, now: TOKEN_REFUSED_MS } as const;
  expect(outcome(state, { ...later, now: TOKEN_REFUSED_MS - 1 })).toBe(backOff);
  expect(outcome(state, later)).toBe('stopped(unauthorized): cancelTimer');
  expect(outcome({ ...STATES.opening, canRenewToken: false }, EVENTS['closed 4401'])).toMatch(/^stopped\(unauth/);
  expect(run(state, { type: 'ready', now: 0 }).refusals).toBe(0);
});

test('an expired token is not used again', () => {
  const state = run(STATES.online, { type: 'bye', reconnectInMs: 0, expired: true });
  expect(outcome(state, { type: 'timer' })).toBe('token: drop, fetchToken(fresh)');
});

test('only a connection that lasted starts the back-off over', () => {
  const at = (now: number) => outcome(STATES.online, { type: 'closed', code: ABNORMAL_CLOSE, now });
  expect(at(HEALTHY_MS - 1)).toBe('waiting: wait>=0+');
  expect(at(HEALTHY_MS)).toBe('waiting: resetBackoff, wait>=0+');
});

test('the reason that the server gave before a final close is kept', () => {
  const closed = { type: 'closed', code: CLOSE.forbidden, now: 1, error: 'tenant_suspended' } as const;
  expect(outcome(STATES.online, closed)).toBe('stopped(tenant_suspended): cancelTimer');
});
