import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ChatError, ERRORS, type ErrorCode, invalid, Problem, problemOf } from '../index.ts';
import {
  CreateConversation,
  CreateApiKey,
  CreateTenant,
  CreateToken,
  HistoryQuery,
  Metadata,
  PageQuery,
  UpdateConversation,
  UpdateUser,
  UserRef,
} from '../features.ts';
import { SLOW_OPERATIONS } from '../bus.ts';
import { numeral } from '../index.ts';
import { isCallable } from './operation.ts';
import { OPERATIONS } from './operations.ts';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

describe('problem documents', () => {
  test('[ERR-1] every code of the catalogue has one, with its status', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const problem = problemOf(new ChatError(code));
      expect(Problem.parse(problem)).toEqual(problem);
      expect(problem).toMatchObject({ code, status: ERRORS[code].http, type: `urn:messagecore:error:${code}` });
    }
  });

  test('wrong fields are named, absent ones left out', () => {
    const failed = CreateTenant.safeParse({ subdomain: '-' });
    const problem = problemOf(invalid(failed.error!));
    expect(problem.errors?.map(({ path }) => path)).toEqual(['name', 'subdomain']);
    expect(problemOf(new ChatError('muted'))).not.toHaveProperty('errors');
  });
});

test.each([
  ['7', true],
  ['007', true],
  ['', false],
  [' 7', false],
  ['7.0', false],
  ['1e3', false],
  ['0x10', false],
  ['-1', false],
  ['9999999999999999', false],
  [['1', '2'], false],
])('a whole number in a query: %j is one: %s', (value, expected) => {
  expect(accepts(numeral(z.int().min(0)), value)).toBe(expected);
});

test('pages and history: bounds, defaults, one direction', () => {
  expect(PageQuery.parse({})).toEqual({ limit: 50 });
  expect(HistoryQuery.parse({ before: '5' })).toEqual({ before: 5, limit: 50 });
  expect(accepts(HistoryQuery, { before: '5', around: '5' })).toBe(false);
  expect(accepts(HistoryQuery, { before: '0' })).toBe(false);
  expect(accepts(HistoryQuery, { after: '0' })).toBe(true);
});

test.each([
  ['ext:alice', true],
  ['ext:用户 1/2?', true],
  ['1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9', true],
  ['1F2E3D4C-5B6A-4978-8695-A4B3C2D1E0F9', true],
  ['alice', false],
  ['ext:', false],
  [`ext:${'x'.repeat(256)}`, false],
  ['ext:a\u0000', false],
  ['ext:\ud800', false],
])('%j names a user: %s', (ref, expected) => {
  expect(accepts(UserRef, ref)).toBe(expected);
});

test('what a store would not take back the same is refused', () => {
  const base = { kind: 'public' };
  expect(accepts(CreateConversation, { ...base, name: 'a\u0000' })).toBe(false);
  expect(accepts(CreateConversation, { ...base, topic: '\udfff' })).toBe(false);
  expect(accepts(Metadata, { a: ['\u0000'] })).toBe(false);
  expect(accepts(Metadata, { '\u0000': 1 })).toBe(false);
  expect(accepts(Metadata, { a: { b: '\ud800' } })).toBe(false);
  expect(accepts(Metadata, { a: 'x'.repeat(16_000), b: [1, null, true, '\n😀 \\u0000'] })).toBe(true);
  expect(accepts(Metadata, { a: 'x'.repeat(17_000) })).toBe(false);
  const deep = JSON.parse(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
  expect(accepts(Metadata, deep)).toBe(false);
});

describe('names', () => {
  const schemas: Readonly<Record<string, (name: string) => [z.ZodType, object]>> = {
    user: (displayName) => [UpdateUser, { displayName }],
    'user of a token': (displayName) => [CreateToken, { user: 'ext:x', displayName }],
    'device of a token': (clientId) => [CreateToken, { user: 'ext:x', clientId }],
    conversation: (name) => [CreateConversation, { kind: 'group', name }],
    'changed conversation': (name) => [UpdateConversation, { name }],
    topic: (topic) => [UpdateConversation, { topic }],
    tenant: (name) => [CreateTenant, { name, subdomain: 'x' }],
    key: (name) => [CreateApiKey, { name }],
  };
  const takes = (what: string, name: string) => accepts(...(schemas[what]!(name) as [z.ZodType, unknown]));

  test.each(Object.keys(schemas))('%s: what turns or breaks the line is refused', (what) => {
    const turning = ['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'];
    const breaking = [
      '\n',
      '\r',
      '\u0085',
      '\u2028',
      '\u2029',
      '\v',
      '\f',
      '\t',
      '\u0000',
      '\u001b',
      '\u007f',
      '\ud800',
    ];
    for (const sign of [...turning, ...breaking]) expect([sign, takes(what, `a${sign}b`)]).toEqual([sign, false]);
  });

  test.each(Object.keys(schemas).filter((what) => what !== 'topic'))('%s: what shows nothing is refused', (what) => {
    const nothing = [
      '',
      ' ',
      '\u00a0',
      '\u200b\u200d',
      '\ufeff',
      '\u00ad',
      '\u3164',
      '\u2800',
      '\u115f',
      '\u0301',
      '\u200e',
      '\ufe0f',
    ];
    for (const name of nothing) expect([name, takes(what, name)]).toEqual([name, false]);
  });

  test.each(Object.keys(schemas))('%s: names of people are taken', (what) => {
    const real = [
      'Ann',
      'José',
      'Jose\u0301',
      '張偉',
      'محمد\u200f (ق)',
      'שרה',
      'कि',
      '👩\u200d💻',
      '❤\ufe0f',
      'O’Neill "Bob" <b>',
      '-',
      '7',
    ];
    for (const name of real) expect([name, takes(what, name)]).toEqual([name, true]);
  });

  test('a topic may be taken away; names are trimmed and otherwise stay as they are', () => {
    expect(takes('topic', '')).toBe(true);
    expect(UpdateUser.parse({ displayName: ' Jose\u0301  B ' })).toEqual({ displayName: 'Jose\u0301  B' });
  });
});

test.each([
  ['https://a.example/b.png', 'https://a.example/b.png'],
  ['HTTP://A.Example:80/x y', 'http://a.example/x%20y'],
  [`https://a.example/"onerror='x'`, 'https://a.example/%22onerror=%27x%27'],
  [`https://a.example/?q="'<>`, 'https://a.example/?q=%22%27%3C%3E'],
  ['https://a.example/);background:url(x', 'https://a.example/%29;background:url%28x'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ['  https://a.example/ ', 'https://a.example/'],
  ['https://[::1]:8443/x', 'https://[::1]:8443/x'],
  ["https://a'b.example/", undefined],
  ['https://user:pass@a.example/', undefined],
  ['https://user@a.example/', undefined],
  ['javascript:alert(1)', undefined],
  ['data:image/png;base64,AA', undefined],
  ['ftp://a.example/', undefined],
  ['//a.example/x', undefined],
  ['', undefined],
  ['https://', undefined],
  [`https://a.example/${'x'.repeat(2_000)}`, undefined],
  [`https://a.example/${'"'.repeat(800)}`, undefined],
])('the address of a picture: %j is kept as %j', (avatar, kept) => {
  const parsed = UpdateConversation.safeParse({ avatar });
  expect(parsed.success ? parsed.data.avatar : undefined).toBe(kept);
});

test('[ENDP-4] what waits for servers of tenants is an operation that a session may call, in no lane', () => {
  for (const name of SLOW_OPERATIONS) {
    const operation = OPERATIONS.find((each) => each.name === name);
    expect(operation && [isCallable(operation), operation.laned]).toEqual([true, false]);
  }
});
