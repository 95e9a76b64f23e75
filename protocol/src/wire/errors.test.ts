import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ChatError, CLOSE, DEFAULT_RETRY_AFTER_MS, type ErrorCode, ERRORS, invalid, RECONNECT } from '../index.ts';

const entries = Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][];

describe('the catalogue', () => {
  test.each(entries)('%s has a status, a known close and a title', (_, { http, close, title }) => {
    expect(http).toBeGreaterThanOrEqual(400);
    expect(http).toBeLessThan(600);
    if (close !== null) expect(Object.values(CLOSE)).toContain(close);
    expect(title).toMatch(/^\S.*\S$/);
  });

  test.each(entries)('advice of %s agrees with its status', (_, { http, retry }) => {
    if (http >= 500) expect(retry).toBe('later');
    if (retry === 'later') expect([429, 500, 503]).toContain(http);
    expect(retry === 'token').toBe(http === 401);
  });

  test('titles tell errors apart', () => {
    expect(new Set(entries.map(([, { title }]) => title)).size).toBe(entries.length);
  });
});

describe('closes', () => {
  test('each code has one meaning and is valid for an application', () => {
    const codes = Object.values(CLOSE);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes)
      expect([1000, 1001, 1009, 1012, 1013].includes(code) || (code >= 4000 && code < 5000)).toBe(true);
    expect(Object.keys(RECONNECT).map(Number).sort()).toEqual([...codes].sort());
  });

  test.each(entries.filter(([, { close }]) => close !== null))(
    'of %s gives the same advice as the error',
    (_, { close, retry }) => {
      const reconnect = RECONNECT[close!];
      const fitting = { never: ['stop'], fix: ['fix'], later: ['later'], token: ['token'], rejoin: [] as string[] }[
        retry
      ];
      expect(fitting).toContain(reconnect);
    },
  );
});

describe('ChatError', () => {
  test.each(entries)('%s says when to try again, if trying again helps', (code, { retry }) => {
    expect(new ChatError(code).retryAfterMs).toBe(retry === 'later' ? DEFAULT_RETRY_AFTER_MS : undefined);
  });

  test('keeps a better figure, its detail and its cause', () => {
    const cause = new Error('bucket empty');
    const error = new ChatError('rate_limited', 'slow down', { retryAfterMs: 40, cause });
    expect(error).toMatchObject({ code: 'rate_limited', message: 'slow down', retryAfterMs: 40, cause });
    expect(new ChatError('muted').message).toBe(ERRORS.muted.title);
  });
});

describe('invalid', () => {
  const schema = z.object({ a: z.string(), b: z.object({ c: z.int() }) });

  test('names every wrong field', () => {
    const error = invalid(schema.safeParse({ a: 1, b: { c: 1.5 } }).error!);
    expect(error.code).toBe('bad_request');
    expect(error.errors?.map(({ path }) => path)).toEqual(['a', 'b.c']);
    expect(error.message).toContain('a: ');
    expect(error.message).toContain('b.c: ');
  });

  test('does not grow with the input', () => {
    const many = z.array(z.string()).safeParse(Array.from({ length: 10_000 }, () => 1));
    expect(invalid(many.error!).errors).toHaveLength(20);
    const long = z.record(z.uuid(), z.int()).safeParse({ ['\u{1f9f5}'.repeat(30_000)]: 1 });
    const { message, errors } = invalid(long.error!);
    expect(message.length + JSON.stringify(errors).length).toBeLessThan(1_000);
    expect(message.isWellFormed()).toBe(true);
    const half = z.record(z.uuid(), z.int()).safeParse({ '\uD800': 1 });
    expect(invalid(half.error!).message.isWellFormed()).toBe(true);
  });
});
