import { LIMITS } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { searchable } from '../users/search-name.ts';
import { mentionName, mentionsIn, mentionsInText } from './mentions-in-text.ts';

/** Whom a text means among participants of these names, as the database finds them: the longest name that may end there. */
function meant(text: string, ...names: string[]): string[] {
  const found = mentionsInText(text)?.names ?? [];
  return found.flatMap(({ text: behind, ends }) => {
    const prefixes = ends.map((length) => Array.from(behind).slice(0, length).join(''));
    const longest = prefixes.find((prefix) => names.some((name) => searchable(name).trim() === prefix));
    return names.filter((name) => searchable(name).trim() === longest);
  });
}

test.each([
  ['a word', 'hello @Ann, come', ['Ann']],
  ['in another case', 'hello @ANN', ['Ann']],
  ['chinese without spaces', '你好@王伟，在吗', ['王伟']],
  ['chinese that goes on', '请@王伟看一下', ['王伟']],
  ['chinese behind a latin name', '你好@Ann在吗', ['Ann']],
  ['japanese with a particle', '@田中さんは', ['田中さん']],
  ['katakana', 'では@タナカー、', ['タナカー']],
  ['half-width katakana and a wide sign', '＠ｶﾅです', ['カナ']],
  ['korean with a particle', '@김철수님 안녕', ['김철수']],
  ['hangul taken apart', `@${'김철수'.normalize('NFD')} 안녕`, ['김철수']],
  ['thai', 'สวัสดี@สมชายครับ', ['สมชาย']],
  ['arabic', 'مرحبا @محمد كيف حالك', ['محمد']],
  ['hebrew', 'שלום @דוד, מה', ['דוד']],
  ['cyrillic', 'Привет, @Ёлка!', ['Ёлка']],
  ['devanagari', 'नमस्ते @किरण जी', ['किरण']],
  ['an emoji', 'hey @🦊 there', ['🦊']],
  ['an emoji with a joiner', 'hey @👩‍💻!', ['👩‍💻']],
  ['combining marks', '@Jose\u0301 hola', ['José']],
  ['a name with spaces', 'ask @Ann Lee about it', ['Ann Lee']],
  ['wide letters', '@Ａｎｎ hello', ['Ann']],
  ['a name with a hyphen', '@Ann-Marie?', ['Ann-Marie']],
  ['at the end', 'and @Ann', ['Ann']],
  ['in brackets', '(@Ann)', ['Ann']],
])('[MEN-2] %s: %j', (_, text, names) => {
  expect(meant(text, ...names)).toEqual(names);
});

test('[MEN-2] the longest name counts, and a shorter one where that is nobody’s', () => {
  expect(meant('@Ann Lee and @Ann Lou', 'Ann', 'Ann Lee')).toEqual(['Ann Lee', 'Ann']);
  expect(meant('@王伟东来了', '王', '王伟')).toEqual(['王伟']);
});

test.each([
  ['an address of mail', 'write to ann@example.org'],
  ['a longer word', '@Annabel'],
  ['a digit goes on', '@Ann2'],
  ['a mark goes on', '@की'],
  ['a space behind the sign', '@ Ann'],
  ['two signs', '@@Ann'],
  ['over a line break', '@\nAnn'],
  ['another skin tone', '@👩🏽'],
])('[MEN-1] [MEN-2] nobody: %s', (_, text) => {
  expect(meant(text, 'Ann', 'example', '👩', 'क')).toEqual([]);
});

test('[MEN-1] ids, in either case and each once', () => {
  const id = '0B8E7B1C-1111-4222-8333-444455556666';
  expect(mentionsInText(`<@${id}> and <@${id.toLowerCase()}>`)?.users).toEqual([id.toLowerCase()]);
  expect(mentionsInText('<@nobody>')?.users).toEqual([]);
});

test.each([
  ['@all', { all: LIMITS.mentionAllParticipants }],
  ['@All!', { all: LIMITS.mentionAllParticipants }],
  ['大家好@all请看', { all: LIMITS.mentionAllParticipants }],
  ['@here and @all', { all: LIMITS.mentionAllParticipants, here: LIMITS.mentionAllParticipants }],
  ['@allison @heretic', {}],
  ['a@all', {}],
])('[MEN-1] words: %j', (text, words) => {
  const { all, here } = mentionsInText(text) ?? {};
  expect({ ...(all !== undefined && { all }), ...(here !== undefined && { here }) }).toEqual(words);
});

test('[MEN-1] groups by id, which has no @', () => {
  const id = 'ABCDEF01-0000-4000-8000-000000000000';
  expect(mentionsInText(`<&${id}>, <&${id.toLowerCase()}>`)?.groups).toEqual([id.toLowerCase()]);
  expect(mentionsInText(`<&design> & <& &${id}>`)).toBeUndefined();
  expect(mentionsIn({ kind: 'text', body: JSON.stringify({ text: `<&${id}>` }) })).toContain(id.toLowerCase());
});

test.each([
  ['Design Team', 'design team'],
  ['设计组', '设计组'],
  ['ＯＰＳ', 'ops'],
  ['C++', 'c++'],
  ['All', undefined],
  ['here', undefined],
  ['all hands', undefined],
  ['Hereford', 'hereford'],
  ['a@b', undefined],
  ['王'.repeat(32), '王'.repeat(32)],
  ['王'.repeat(33), undefined],
  ['\u0301', undefined],
])('[MEN-10] of the name %s an @ finds %s', (name, compared) => {
  expect(mentionName(name)).toBe(compared);
  if (compared !== undefined) expect(mentionsInText(`@${name}, look`)?.names[0]?.text.startsWith(compared)).toBe(true);
});

const inBody = (body: object, kind = 'text') => mentionsIn({ kind, body: JSON.stringify(body) });

test('[MEN-1] code of a Markdown text mentions nobody, that of a plain one does', () => {
  expect(inBody({ text: 'see `@ann`', format: 'markdown' })).toBeUndefined();
  expect(inBody({ text: 'see `@ann`' })).toContain('"ann');
  expect(inBody({ text: 'see `x` @ann', format: 'markdown' })).toContain('"ann');
  expect(inBody({ text: '@ann' }, 'sys')).toBeUndefined();
  expect(inBody({ text: 'nobody' })).toBeUndefined();
});

test.each([
  ['NUL', '@Ann\u0000 and', ['Ann']],
  ['half a pair', '@Ann\ud83d and', ['Ann']],
  ['nothing but half a pair', '@\ud83d and', []],
  ['a pair that is cut', `@${'\u200b'.repeat(255)}😀`, []],
])('[MEN-2] a name ends before what PostgreSQL does not take as JSON: %s', (_, text, names) => {
  expect(JSON.stringify(mentionsInText(text) ?? null)).not.toMatch(/\\u(0000|d8)/);
  expect(meant(text, 'Ann')).toEqual(names);
});

test('[MEN-3] bounded, whatever a text says', () => {
  const many = mentionsInText(Array.from({ length: 1_000 }, (_, n) => `@user${n}.`).join(' '));
  // Any of them may be a group: of users and groups as many as there may be of both.
  expect(many?.names.length).toBe(LIMITS.mentionsPerMessage + LIMITS.groupsPerMessage);
  const [long] = mentionsInText(`@${'王'.repeat(500)}`)?.names ?? [];
  expect(long?.ends.length).toBeLessThanOrEqual(32);
  expect(Array.from(long?.text ?? '').length).toBeLessThanOrEqual(64);
  expect(mentionsInText('@ '.repeat(5_000))).toBeUndefined();
});

test('[MEN-1] the more names a text has, the fewer places at which each may end, the nearest ones', () => {
  const endsOf = (count: number) => {
    const found = mentionsInText(Array.from({ length: count }, (_, n) => `@${n}${'王'.repeat(100)}`).join(' '))?.names;
    return (found ?? []).map(({ ends }) => ends);
  };
  expect(endsOf(10).every(({ length }) => length === 32)).toBe(true);
  const ends = endsOf(LIMITS.mentionsPerMessage);
  expect(ends.flat().length).toBeLessThanOrEqual(512);
  expect(ends[0]).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  const task = (n: number) => `@王伟${n} 负责把今天的会议记录整理好并且发给大家看一看谢谢了各位辛苦`;
  const names = Array.from({ length: 40 }, (_, n) => `王伟${n}`);
  expect(meant(names.map((_, n) => task(n)).join('\n'), ...names)).toEqual(names);
});
