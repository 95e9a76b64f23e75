import { describe, expect, test } from 'vitest';
import { factsOf } from './page-facts.ts';
import { textOf } from './page-text.ts';

const BASE = new URL('https://example.org/folder/page');
const facts = (html: string) => factsOf(html, BASE);

describe('[PREV-1] what a page says of itself', () => {
  test('Open Graph before the title, in whatever order', () => {
    expect(
      facts(`<!doctype html><html><head><title>Plain</title><meta property="og:title" content="Tom &amp; Jerry">
        <META NAME="Description" CONTENT="A cat"><meta property="og:site_name" content="Example">
        <meta property="og:image" content="/cat.png"></head><body></body></html>`),
    ).toEqual({
      ...{ title: 'Tom & Jerry', description: 'A cat', site: 'Example' },
      image: 'https://example.org/cat.png',
    });
  });

  test('its title alone, where it has nothing else', () => {
    expect(facts('<title> Just\n a <b>title</b> </title>')).toEqual({ title: 'Just a <b>title</b>' });
  });

  test('nothing without a title', () => {
    for (const html of ['', 'text', '<title> </title>', '<meta name="description" content="x">', '<body><title>x'])
      expect(facts(html)).toBeUndefined();
  });

  test('nothing of what stands in the body', () => {
    expect(facts('<title>Page</title><body><meta property="og:title" content="Comment"></body>')).toEqual({
      title: 'Page',
    });
  });

  test('nothing behind more open tags than a head has', () => {
    const title = '<title>x</title>';
    expect(facts('<b>'.repeat(99) + title)).toEqual({ title: 'x' });
    for (const count of [100, 80_000]) expect(facts('<b>'.repeat(count) + title)).toBeUndefined();
    for (const closed of ['<a></a>', '<meta>', '<br>', '</br>', '<p>', '</p>', '</a>', '<svg><path/></svg>'])
      expect(facts(closed.repeat(1_000) + title)).toEqual({ title: 'x' });
  });

  test('[PREV-2] one line of plain text, of a bounded length', () => {
    const title = `a\u0000b\u202ec\u2028d${'\ud83d\ude00'.repeat(300)}`;
    const said = facts(`<meta property="og:title" content="${title}">`)!.title;
    expect(Array.from(said)).toHaveLength(200);
    expect(said.startsWith('a b c d😀')).toBe(true);
    expect(said.endsWith('😀…')).toBe(true);
  });

  test.each([
    'http://example.org/a.png',
    'javascript:alert(1)',
    'data:image/png;base64,AA',
    'https://u:p@example.org/',
  ])('no picture at %s', (image) =>
    expect(facts(`<title>x</title><meta property="og:image" content="${image}">`)).toEqual({ title: 'x' }),
  );
});

describe('the text of a page', () => {
  const latin = Buffer.from('<meta charset="iso-8859-1"><title>caf\u00e9</title>', 'latin1');

  test('is in the character set that the header names, or else the page', () => {
    expect(textOf(latin, 'text/html')).toContain('café');
    expect(textOf(Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), 'text/html; charset=GBK')).toBe('你好');
    expect(textOf(Buffer.from('café'), 'text/html; charset=none-such')).toBe('café');
  });
});
