import { expect, test } from 'vitest';
import { searchable, searchableNames } from './search-name.ts';

test.each([
  ['é composed and decomposed', '\u00e9', 'e\u0301'],
  ['accents left out', 'Ångström', 'angstrom'],
  ['letters that do not come apart', 'Łódź Østergård', 'lodz ostergard'],
  ['sharp s in either case', 'Straße', 'STRASSE'],
  ['ligatures', 'ﬁnancier œuvre', 'financier OEUVRE'],
  ['wide and narrow', 'ＡＢＣ１２３ ｶﾀｶﾅ', 'abc123 カタカナ'],
  ['final sigma', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
  ['greek accents', 'Ἀθῆναι', 'αθηναι'],
  ['dotted and dotless i', 'İstanbul ısı', 'istanbul isi'],
  ['cyrillic', 'Ёлка', 'елка'],
  ['invisible characters', 'An\u200bna\u00ad', 'anna'],
  ['spaces of any kind', 'Anna\u3000\u00a0 B', 'anna b'],
  ['hangul composed and decomposed', '한국', '한국'.normalize('NFD')],
])('%s: %j is found by %j', (_, name, part) => {
  expect(searchable(name)).toBe(searchable(part));
});

test.each([
  ['japanese', 'が', 'か'],
  ['devanagari', 'कि', 'की'],
  ['thai', 'กี่', 'กี้'],
])('marks that tell words apart stay: %s', (_, one, other) => {
  expect(searchable(one)).not.toBe(searchable(other));
});

test('a search finds no text that begins in one name and ends in the next', () => {
  expect(searchableNames('Ann', 'bob')).toBe('ann\nbob');
  expect(searchableNames('Ann\nb', null)).toBe('ann b\n');
  expect(searchable('n\nb')).toBe('n b');
});

test('what cannot be compared is empty', () => {
  expect(searchable('\u0301\u200b')).toBe('');
});
