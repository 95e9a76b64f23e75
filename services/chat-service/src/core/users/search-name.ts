/**
 * Names as a search compares them. Two that look alike are alike: composed or decomposed, wide or narrow, in either case,
 * with or without the accents of European scripts. Marks of other scripts stay, since there they are what tells two
 * words apart.
 */

/** Diacritical marks: combining, extended, supplement, for symbols, half marks. */
const ACCENTS = /[\u0300-\u036F]|[\u1AB0-\u1AFF]|[\u1DC0-\u1DFF]|[\u20D0-\u20FF]|[\uFE20-\uFE2F]/g;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Letters that Unicode does not take apart into a letter and its mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŧ: 't',
  þ: 'th',
  ς: 'σ',
};
const APART = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');

/** A name, or a part of one that is looked for. Empty when nothing of it can be compared. */
export function searchable(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(ACCENTS, '')
    .replaceAll(INVISIBLE, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(APART, (letter) => LETTERS[letter] ?? letter)
    .replaceAll(/\s+/g, ' ');
}

/** All names of a user in one text; a line feed, which no search contains, stands between them. */
export function searchableNames(displayName: string, externalId: string | null): string {
  return `${searchable(displayName).trim()}\n${searchable(externalId ?? '').trim()}`;
}
