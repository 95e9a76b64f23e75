import { ChatError, LIMITS } from '@messagecore/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalBody } from './bodies.ts';

function refusal(kind: string, body: unknown): { code: string; paths: string[] } {
  try {
    canonicalBody(kind, body);
  } catch (error) {
    if (error instanceof ChatError) return { code: error.code, paths: (error.errors ?? []).map((e) => e.path) };
    throw error;
  }
  throw new Error('was not refused');
}

describe('[MSG-1] bodies', () => {
  test('the canonical text does not depend on the order of keys or on unknown fields', () => {
    const expected = '{"text":"hi","format":"plain"}';
    expect(canonicalBody('text', { text: 'hi', format: 'plain' })).toBe(expected);
    expect(canonicalBody('text', { extra: 1, format: 'plain', text: 'hi' })).toBe(expected);
  });

  test('whatever else is in a body is dropped, however deep it nests', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`);
    expect(canonicalBody('text', { text: 'hi', deep })).toBe('{"text":"hi"}');
  });

  test('[KIND-1] what is longer than a body may be is refused before anything of it is looked at', () => {
    const wrong = Array.from({ length: LIMITS.bodyBytes }, () => 0);
    expect(refusal('card', { title: 'x', elements: wrong })).toEqual({ code: 'too_large', paths: [] });
    expect(refusal('text', { text: 'x', more: 'y'.repeat(LIMITS.bodyBytes) }).code).toBe('too_large');
    const own = new Map([['x-order', () => expect.unreachable()]]);
    expect(() => canonicalBody('x-order', { lines: wrong }, own)).toThrow(ChatError);
  });

  test('any text comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (text) => {
        expect(JSON.parse(canonicalBody('text', { text }))).toEqual({ text });
      }),
    );
  });

  test('half a surrogate pair and NUL survive', () => {
    const text = 'a\u0000b\ud800c';
    expect(JSON.parse(canonicalBody('text', { text }))).toEqual({ text });
  });

  test('length counts code points: 16,000 astral characters pass, one more is too large', () => {
    const longest = '😀'.repeat(LIMITS.textCodePoints);
    expect(() => canonicalBody('text', { text: longest })).not.toThrow();
    expect(refusal('text', { text: `${longest}a` }).code).toBe('too_large');
  });

  test('unknown kinds and the service’s own kind are refused', () => {
    for (const kind of ['image?', 'sys', 'toString', '__proto__', 'x-card', 'x-__proto__']) {
      expect(refusal(kind, { text: 'hi' }).code).toBe('unsupported_kind');
    }
  });

  test('every wrong field is named', () => {
    expect(refusal('text', { text: 7, format: 'html' })).toEqual({
      code: 'bad_request',
      paths: ['body.text', 'body.format'],
    });
    expect(refusal('text', { text: '' }).paths).toEqual(['body.text']);
    for (const none of ['hi', undefined, null, 7, [], ['text']])
      expect(refusal('text', none)).toEqual({ code: 'bad_request', paths: ['body'] });
  });

  test('[POLL-1] a poll has some options, each with an id of its own', () => {
    const options = (...ids: string[]) => ids.map((id) => ({ id, text: 'x' }));
    const poll = (given: object) => ({ question: 'When?', ...given });
    expect(canonicalBody('poll', poll({ options: options('a', 'b'), anonymous: true, more: 1 }))).toBe(
      '{"question":"When?","options":[{"id":"a","text":"x"},{"id":"b","text":"x"}],"anonymous":true}',
    );
    for (const wrong of [options('a'), options('a', 'a'), options('a', 'B'), options('a', 'b2345678x')])
      expect(refusal('poll', poll({ options: wrong })).code).toBe('bad_request');
    const many = options(...Array.from({ length: LIMITS.pollOptions + 1 }, (_, n) => `o${n}`));
    expect(refusal('poll', poll({ options: many }))).toEqual({ code: 'bad_request', paths: ['body.options'] });
    const long = { question: 'x'.repeat(LIMITS.pollQuestionCodePoints + 1), options: options('a', 'b') };
    expect(refusal('poll', long)).toEqual({ code: 'too_large', paths: ['body.question'] });
  });
});
