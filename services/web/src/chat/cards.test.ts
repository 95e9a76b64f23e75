import type { CardBody } from '@messagecore/sdk';
import { expect, test } from 'vitest';
import { valuesIn } from './cards.ts';

const options = [
  { value: 'am', label: 'Morning' },
  { value: 'pm', label: 'Afternoon' },
];

const ORDER: CardBody = {
  title: 'Order',
  elements: [
    { type: 'input', id: 'note', label: 'Note', value: 'ring twice' },
    { type: 'input', id: 'name', label: 'Name' },
    { type: 'select', id: 'when', label: 'When', options, value: 'pm' },
    { type: 'button', id: 'take', label: 'I do', value: '1' },
  ],
};

test('what was changed stands in a card, and elsewhere what the card has; what is empty is left out', () => {
  expect(valuesIn(ORDER, {})).toEqual({ note: 'ring twice', when: 'pm' });
  expect(valuesIn(ORDER, { note: '', name: 'Ann', when: 'am' })).toEqual({ name: 'Ann', when: 'am' });
  expect(valuesIn({ title: 'Thanks' }, { note: 'x' })).toEqual({});
});

test('of a card that was replaced only what fits the new one stays', () => {
  const answered: CardBody = {
    title: 'Order, taken',
    elements: [
      { type: 'select', id: 'when', label: 'When', options: [{ value: 'night', label: 'Night' }], value: 'night' },
      { type: 'input', id: 'code', label: 'Code', value: '17' },
    ],
  };
  expect(valuesIn(answered, { note: 'x', when: 'am' })).toEqual({ when: 'night', code: '17' });
});
