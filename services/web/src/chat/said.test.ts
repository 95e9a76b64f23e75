import { expect, test } from 'vitest';
import { messageIn } from '../test/fake-client.ts';
import { en } from '../i18n/texts.ts';
import { lineOfMessage } from './said.ts';

const ANN = '01920000-0000-7000-8000-000000000001';
const names = { names: new Map([[ANN, 'Ann']]) };
const line = (body: object, more = {}) =>
  lineOfMessage(messageIn('room', 1, { body: { ...body }, ...more }), names, en);

test('[REV-16] a line of Markdown has names in place of ids, and says where code is, in which nothing stands for anything else', () => {
  const text = `**Hi** <@${ANN}>, write \`:cat: <@${ANN}>\``;
  const shown = line({ text, format: 'markdown' });
  expect(shown.map((part) => part.text).join('')).toBe(`Hi @Ann, write :cat: <@${ANN}>`);
  expect(shown.filter(({ isCode }) => isCode)).toEqual([{ text: `:cat: <@${ANN}>`, isCode: true }]);
});

test('a text that is no Markdown is shown as it is, and what cannot be shown has something in its place', () => {
  expect(line({ text: '**a** `:b:`' })).toEqual([{ text: '**a** `:b:`', isCode: false }]);
  expect(line({}, { kind: 'text', recalled: true })).toEqual([{ text: en.recalled, isCode: false }]);
});
