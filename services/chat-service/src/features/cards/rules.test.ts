import { type CardBody, ChatError } from '@messagecore/protocol';
import type { ActOnCard } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { givenOf } from './rules.ts';

const card: CardBody = {
  title: 'Lunch',
  elements: [
    { type: 'button', id: 'order', label: 'Order', value: 'now', submits: true },
    { type: 'button', id: 'later', label: 'Later' },
    {
      type: 'select',
      id: 'dish',
      label: 'Dish',
      options: [
        { value: 'noodles', label: 'Noodles' },
        { value: 'rice', label: 'Rice' },
      ],
      required: true,
    },
    { type: 'input', id: 'note', label: 'Note', minLength: 2, maxLength: 4 },
  ],
};

const given = (request: Partial<ActOnCard>, of: CardBody = card) =>
  givenOf(of, { action: 'later', inputs: {}, ...request });

function wrong(request: Partial<ActOnCard>): string[] {
  try {
    given(request);
  } catch (error) {
    if (error instanceof ChatError && error.code === 'bad_request') return (error.errors ?? []).map(({ path }) => path);
    throw error;
  }
  throw new Error('was not refused');
}

test('[CARD-2] of a button counts the value of the card', () => {
  const inputs = { dish: 'rice' };
  expect(given({ action: 'order', inputs })).toEqual({ value: 'now', inputs });
  expect(given({ action: 'order', value: 'now', inputs })).toEqual({ value: 'now', inputs });
  expect(given({})).toEqual({ value: null, inputs: {} });
  expect(wrong({ action: 'order', value: 'other', inputs })).toEqual(['value']);
  expect(wrong({ value: 'now' })).toEqual(['value']);
});

test('[CARD-2] a select takes its options, an input what is long enough and not too long', () => {
  expect(given({ action: 'dish', value: 'rice' })).toEqual({ value: 'rice', inputs: {} });
  expect(given({ action: 'note', value: '语言' })).toEqual({ value: '语言', inputs: {} });
  expect(given({ action: 'note', value: '' })).toEqual({ value: '', inputs: {} });
  expect(given({ action: 'note', value: '👋👋👋👋' }).value).toBe('👋👋👋👋');
  for (const value of ['Rice', '', 'toString']) expect(wrong({ action: 'dish', value })).toEqual(['value']);
  for (const value of ['a', 'abcde', '👋👋👋👋👋']) expect(wrong({ action: 'note', value })).toEqual(['value']);
  expect(wrong({ action: 'dish' })).toEqual(['value']);
});

test('[CARD-2] inputs are those of the card, in its order, empty ones left out; a button that submits wants the required ones', () => {
  const inputs = { note: 'abc', dish: 'rice' };
  expect(JSON.stringify(given({ action: 'order', inputs }).inputs)).toBe('{"dish":"rice","note":"abc"}');
  expect(given({ action: 'order', inputs: { ...inputs, note: '' } }).inputs).toEqual({ dish: 'rice' });
  expect(given({ inputs: { dish: '' } }).inputs).toEqual({});
  expect(wrong({ action: 'order' })).toEqual(['inputs.dish']);
  expect(wrong({ action: 'order', inputs: { dish: '' } })).toEqual(['inputs.dish']);
  expect(wrong({ inputs: { dish: 'soup', note: 'a', order: 'now', hasOwnProperty: 'x' } })).toEqual([
    ...['inputs.dish', 'inputs.note', 'inputs.order', 'inputs.hasOwnProperty'],
  ]);
});

test('[CARD-2] what the card does not have cannot be used', () => {
  expect(wrong({ action: 'none' })).toEqual(['action']);
  expect(() => given({}, { title: 'nothing to press' })).toThrow(/no such element/);
});
