import { randomUUID } from 'node:crypto';
import { newMid } from '@messagecore/testkit';
import { expect, test } from 'vitest';
import { type Answered, tellsNothing, whole } from './foreign-answers.ts';

/** What two tenants are answered about a user that neither has. */
const answered = (user: string): Answered => ({
  status: 404,
  headers: new Headers({
    date: new Date().toUTCString(),
    'content-type': 'application/json',
    'x-request-id': newMid(),
  }),
  body: { code: 'not_found', message: `no user ${user}`, at: Date.now(), cursor: randomUUID() },
});
const [real, none] = [randomUUID(), randomUUID()];
const like = (change: Partial<Answered>): Answered => ({ ...answered(real), ...change });
const body = (change: object) => like({ body: { ...(answered(real).body as object), ...change } });

test('answers that differ in ids, times and the name that was asked for are the same', () => {
  expect(whole(answered(real), real)).toEqual(whole(answered(none), none));
  expect(whole(answered(real), `user:${real}`)).toEqual(whole(answered(none), `user:${none}`));
});

test.each([
  ['status', like({ status: 403 })],
  ['code', body({ code: 'forbidden' })],
  ['message', body({ message: `no such user ${real}` })],
  ['header', like({ headers: new Headers({ 'content-type': 'application/json', etag: '"1"' }) })],
  ['header’s value', like({ headers: new Headers({ 'content-type': 'text/plain' }) })],
  ['field', body({ members: 0 })],
  ['count', body({ items: [] })],
  ['body that is none', like({ body: undefined })],
])('[ISO-3] another %s is a difference', (_what, leaking) => {
  expect(whole(leaking, real)).not.toEqual(whole(answered(none), none));
});

test.each([
  ['body', body({ owner: none })],
  ['key', body({ members: { [none]: 1 } })],
  ['header', like({ headers: new Headers({ location: `/v1/users/${none}` }) })],
])('[ISO-2] what is another tenant’s is found in a %s', (_where, leaking) => {
  expect(() => tellsNothing(leaking, real, [none])).toThrow('to deeply equal []');
});

test('[ISO-2] what the request named itself is not told by the answer', () => {
  tellsNothing(answered(real), real, [real]);
  tellsNothing(answered(real), { [real]: 'x' }, [real]);
  expect(() => tellsNothing(answered(real), none, [real])).toThrow('to deeply equal []');
});
