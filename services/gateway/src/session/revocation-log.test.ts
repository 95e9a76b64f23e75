import { expect, test } from 'vitest';
import { RevocationLog } from './revocation-log.ts';

const phone = { tid: 'tenant', uid: 'ann', clientId: 'phone' };

test.each([
  [{ tid: 'tenant' }, true],
  [{ tid: 'another' }, false],
  [{ tid: 'tenant', uid: 'ann' }, true],
  [{ tid: 'tenant', uid: 'bob' }, false],
  [{ tid: 'another', uid: 'ann' }, false],
  [{ ...phone }, true],
  [{ ...phone, clientId: 'laptop' }, false],
])('[REVK-1] [REVK-2] [REVK-3] a revocation of %j affects the phone: %s', (revocation, expected) => {
  const log = new RevocationLog();
  log.add(revocation);
  log.add({ tid: 'another' });
  expect(log.affects(phone, 0)).toBe(expected);
  expect(log.affects(phone, 1)).toBe(false);
});

test('a revocation of one device does not affect a session that names no device', () => {
  const log = new RevocationLog();
  log.add(phone);
  expect(log.affects({ tid: 'tenant', uid: 'ann' }, 0)).toBe(false);
});

test('a log that has wrapped may affect everybody', () => {
  const log = new RevocationLog();
  for (let n = 0; n < 1_001; n += 1) log.add({ tid: 'another' });
  expect([log.affects(phone, 0), log.affects(phone, 1)]).toEqual([true, false]);
});
