import { LIMITS } from '@messagecore/protocol';
import { describe, expect, test } from 'vitest';
import { haveSameLinks, linksOf } from './links.ts';

const said = (text: string) => ({ kind: 'text', body: JSON.stringify({ text }), recalled: false });

describe('[PREV-1] the links of a text', () => {
  test.each([
    ['see https://example.org/a, or http://example.org/b.', ['https://example.org/a', 'http://example.org/b']],
    ['(https://example.org/x_(y))', ['https://example.org/x_(y)']],
    ['[here](https://example.org/md)', ['https://example.org/md']],
    ['看 https://example.org/中文 这里', ['https://example.org/中文']],
    ['https://пример.рф/', ['https://пример.рф/']],
    ['twice https://example.org/ https://example.org/', ['https://example.org/']],
    ['HTTPS://EXAMPLE.ORG/', ['HTTPS://EXAMPLE.ORG/']],
    ['example.org ftp://example.org //example.org mailto:a@example.org javascript://example.org', []],
    ['file:///etc/passwd', []],
  ])('%s', (text, links) => expect(linksOf(said(text))).toEqual(links));

  test('are so many at the most, and none are too long', () => {
    const many = Array.from({ length: 9 }, (_, n) => `https://example.org/${n}`);
    expect(linksOf(said(many.join(' ')))).toEqual(many.slice(0, LIMITS.linkPreviews));
    expect(linksOf(said(`https://example.org/${'x'.repeat(2_048)}`))).toEqual([]);
  });

  test('are those of texts alone', () => {
    expect(linksOf({ ...said('https://example.org/'), kind: 'sys' })).toEqual([]);
    expect(linksOf({ kind: 'text', body: '{}', recalled: true })).toEqual([]);
  });

  test('are compared in their order', () => {
    expect(haveSameLinks(said('a https://example.org/'), said('b https://example.org/ c'))).toBe(true);
    expect(haveSameLinks(said('https://example.org/'), said('https://example.org/x'))).toBe(false);
  });
});
