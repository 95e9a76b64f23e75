/**
 * Texts by their unit and how often it is repeated. A unit is a JSON string literal, so that NUL and lone surrogates
 * survive every JSON reader. Counts are of the whole text.
 */
export interface TextCase {
  readonly unit: string;
  readonly times: number;
  readonly codePoints: number;
  readonly utf16: number;
  readonly accepted: boolean;
}

const text = (unit: string, times: number, codePoints: number, utf16: number, accepted = true): TextCase => ({
  unit,
  times,
  codePoints,
  utf16,
  accepted,
});

export const texts: Record<string, TextCase> = {
  'one letter': text('"a"', 1, 1, 1),
  empty: text('""', 1, 0, 0, false),
  'a space only': text('" "', 1, 1, 1),
  NUL: text('"\\u0000"', 1, 1, 1),
  'line separators': text('"\\u2028\\u2029\\u0085"', 1, 3, 3),
  'line feed, tab, quote, backslash': text('"\\n\\t\\"\\\\"', 1, 4, 4),
  'combining acute, not composed': text('"e\\u0301"', 1, 2, 2),
  'composed acute': text('"\\u00e9"', 1, 1, 1),
  'right to left with marks': text('"\\u202eשלום\\u202c"', 1, 6, 6),
  Chinese: text('"订一间酒店"', 1, 5, 5),
  'Chinese beyond the basic plane': text('"𠮷"', 1, 1, 2),
  Korean: text('"안녕"', 1, 2, 2),
  'emoji of one code point': text('"👋"', 1, 1, 2),
  'emoji of a family (seven code points)': text('"👨‍👩‍👧‍👦"', 1, 7, 11),
  'flag (two code points)': text('"🇩🇪"', 1, 2, 4),
  'lone high surrogate': text('"\\ud83d"', 1, 1, 1),
  'lone low surrogate': text('"\\udc4b"', 1, 1, 1),
  'surrogates in the wrong order': text('"\\udc4b\\ud83d"', 1, 2, 2),
  'not a character': text('"\\uffff\\ufffe"', 1, 2, 2),
  'byte order mark': text('"\\ufeffa"', 1, 2, 2),
  'as long as allowed, ASCII': text('"a"', 16_000, 16_000, 16_000),
  'one too long, ASCII': text('"a"', 16_001, 16_001, 16_001, false),
  'as long as allowed, emoji': text('"👋"', 16_000, 16_000, 32_000),
  'one too long, emoji': text('"👋"', 16_001, 16_001, 32_002, false),
  'as long as allowed, NUL': text('"\\u0000"', 16_000, 16_000, 16_000),
  'as long as allowed, Chinese': text('"酒"', 16_000, 16_000, 16_000),
};

/** Bodies by kind: what is stored, or the code and the paths of the refusal. */
export const bodies: Record<string, { kind: 'text'; body: unknown; stored?: object; code?: string; paths?: string[] }> = {
  'text alone': { kind: 'text', body: { text: 'hi' }, stored: { text: 'hi' } },
  'text with a format': { kind: 'text', body: { format: 'markdown', text: '*hi*' }, stored: { text: '*hi*', format: 'markdown' } },
  'unknown fields are not stored': { kind: 'text', body: { text: 'hi', colour: 'red' }, stored: { text: 'hi' } },
  'no text': { kind: 'text', body: {}, code: 'bad_request', paths: ['text'] },
  'text that is a number': { kind: 'text', body: { text: 5 }, code: 'bad_request', paths: ['text'] },
  'unknown format': { kind: 'text', body: { text: 'hi', format: 'html' }, code: 'bad_request', paths: ['format'] },
  'two wrong fields': { kind: 'text', body: { text: '', format: '' }, code: 'bad_request', paths: ['text', 'format'] },
  'too long': { kind: 'text', body: { text: 'a'.repeat(16_001) }, code: 'too_large', paths: ['text'] },
  'too long and wrong': {
    kind: 'text',
    body: { text: 'a'.repeat(16_001), format: 'html' },
    code: 'bad_request',
    paths: ['text', 'format'],
  },
};
