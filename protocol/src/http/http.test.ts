import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  ChatError,
  CreateConversation,
  CreateTenant,
  ERRORS,
  type ErrorCode,
  HistoryQuery,
  invalid,
  Metadata,
  numeral,
  PageQuery,
  Problem,
  problemOf,
  UserRef,
} from '../index.ts';

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
