import { expect, test } from 'vitest';
import { News } from './news.ts';

const phone = { tid: 'tenant', uid: 'ann', clientId: 'phone' };

test.each([
  [{ tid: 'tenant' }, true],
  [{ tid: 'another' }, false],
  [{ tid: 'tenant', uid: 'ann' }, true],
  [{ tid: 'tenant', uid: 'bob' }, false],
  [{ tid: 'another', uid: 'ann' }, false],
  [{ ...phone }, true],
  [{ ...phone, clientId: 'laptop' }, false],
])('[REVK-1] [REVK-2] [REVK-3] news of %j concerns the phone: %s', (concerned, expected) => {
  const news = new News();
  news.add(concerned);
  news.add({ tid: 'another' });
  expect(news.concerns(phone, 0)).toBe(expected);
  expect(news.concerns(phone, 1)).toBe(false);
});

test('news of one device is none of a session that names no device', () => {
  const news = new News();
  news.add(phone);
  expect(news.concerns({ tid: 'tenant', uid: 'ann' }, 0)).toBe(false);
});

test('what is forgotten may have concerned everybody', () => {
  const news = new News();
  for (let n = 0; n < 1_001; n += 1) news.add({ tid: 'another' });
  expect([news.concerns(phone, 0), news.concerns(phone, 1)]).toEqual([true, false]);
});
