import type { Kind } from '../../src/wire/bodies.ts';

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

const FILE = {
  fileId: '5d0c7a52-7e5c-4f0e-9f0b-3c8a4e7a1b2d',
  name: 'report.pdf',
  type: 'application/pdf',
  bytes: 12_345,
};
const ELEMENTS = [
  { type: 'button', id: 'yes', label: 'Yes', value: '1', style: 'primary', submits: true },
  {
    type: 'select',
    id: 'dish',
    label: 'Dish',
    options: [
      { value: 'noodles', label: '面条' },
      { value: 'rice', label: '米饭' },
    ],
    value: 'rice',
    required: true,
  },
  { type: 'input', id: 'note', label: 'Note', placeholder: 'No onions', multiline: true, minLength: 2, maxLength: 200 },
];

/** Bodies by kind: what is stored, or the code and the paths of the refusal. */
export const bodies: Record<string, { kind: Kind; body: unknown; stored?: object; code?: string; paths?: string[] }> = {
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
  'a place': {
    kind: 'location',
    body: { lng: -180, lat: 90, name: '故宫', altitude: 5 },
    stored: { lat: 90, lng: -180, name: '故宫' },
  },
  'a place with all that it may have': {
    kind: 'location',
    body: { lat: 39.9163447, lng: 116.3907955, accuracy: 12.5, name: '故宫', address: '北京市东城区景山前街4号' },
    stored: { lat: 39.9163447, lng: 116.3907955, accuracy: 12.5, name: '故宫', address: '北京市东城区景山前街4号' },
  },
  'a place off the globe': {
    kind: 'location',
    body: { lat: 90.1, lng: -180.1, accuracy: -1 },
    code: 'bad_request',
    paths: ['lat', 'lng', 'accuracy'],
  },
  'a place without a place': { kind: 'location', body: { name: '故宫' }, code: 'bad_request', paths: ['lat', 'lng'] },
  'a place of a long name': { kind: 'location', body: { lat: 0, lng: 0, name: 'a'.repeat(201) }, code: 'too_large', paths: ['name'] },
  'a file': { kind: 'file', body: { ...FILE, path: '/etc' }, stored: FILE },
  'a file of no media type': {
    kind: 'file',
    body: { ...FILE, fileId: '1', type: 'PDF', bytes: 0.5 },
    code: 'bad_request',
    paths: ['fileId', 'type', 'bytes'],
  },
  'a file of a long name': { kind: 'file', body: { ...FILE, name: 'a'.repeat(256) }, code: 'bad_request', paths: ['name'] },
  'a picture': {
    kind: 'image',
    body: { ...FILE, text: 'us', width: 4_000, height: 3_000, thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI' },
    stored: { ...FILE, text: 'us', width: 4_000, height: 3_000, thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI' },
  },
  'a picture without pixels': {
    kind: 'image',
    body: { ...FILE, width: 0, height: 1.5, thumbhash: '!!!!' },
    code: 'bad_request',
    paths: ['width', 'height', 'thumbhash'],
  },
  'a voice': {
    kind: 'audio',
    body: { ...FILE, durationMs: 1_500, waveform: [0, 50, 100] },
    stored: { ...FILE, durationMs: 1_500, waveform: [0, 50, 100] },
  },
  'a voice that is too loud': {
    kind: 'audio',
    body: { ...FILE, durationMs: -1, waveform: [101] },
    code: 'bad_request',
    paths: ['durationMs', 'waveform.0'],
  },
  'a film': {
    kind: 'video',
    body: { ...FILE, width: 1_920, height: 1_080, durationMs: 60_000 },
    stored: { ...FILE, width: 1_920, height: 1_080, durationMs: 60_000 },
  },
  'a film of a day and more': { kind: 'video', body: { ...FILE, durationMs: 86_400_001 }, code: 'bad_request', paths: ['durationMs'] },
  'a card of nothing but a title': { kind: 'card', body: { title: 'Lunch' }, stored: { title: 'Lunch' } },
  'a card': { kind: 'card', body: { elements: ELEMENTS, title: 'Lunch', onclick: 'x' }, stored: { title: 'Lunch', elements: ELEMENTS } },
  'a card without a title': { kind: 'card', body: { text: 'Lunch' }, code: 'bad_request', paths: ['title'] },
  'a card of a long title': { kind: 'card', body: { title: 'a'.repeat(201) }, code: 'too_large', paths: ['title'] },
  'a card with two elements of one id': {
    kind: 'card',
    body: { title: 'Lunch', elements: [ELEMENTS[0], ELEMENTS[0]] },
    code: 'bad_request',
    paths: ['elements'],
  },
  'a card with elements that are none': {
    kind: 'card',
    body: {
      title: 'Lunch',
      elements: [
        { type: 'slider', id: 'a', label: 'A' },
        { type: 'button', id: 'constructor', label: 'B' },
        { type: 'button', id: '__proto__', label: 'C' },
        { type: 'select', id: 'd', label: 'D', options: [{ value: '1', label: 'one' }], value: '2' },
        { type: 'select', id: 'e', label: 'E', options: [] },
        { type: 'input', id: 'f', label: 'F', minLength: 5, maxLength: 4 },
      ],
    },
    code: 'bad_request',
    paths: ['elements.0.type', 'elements.1.id', 'elements.2.id', 'elements.3.value', 'elements.4.options', 'elements.5.minLength'],
  },
};
