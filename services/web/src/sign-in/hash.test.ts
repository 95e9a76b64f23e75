import { expect, test } from 'vitest';
import { stepIn } from './hash.ts';

test.each([
  ['#confirm=abc', { step: 'confirm', token: 'abc' }],
  ['#reset=a-b_c', { step: 'reset', token: 'a-b_c' }],
  ['#link=7ZZ', { step: 'link', token: '7ZZ' }],
  ['#room=0193', { step: 'room', token: '0193' }],
  ['#room=0193&seq=12', { step: 'room', token: '0193', seq: 12 }],
  ['#room=0193&seq=-1', { step: 'room', token: '0193' }],
  ['#link=7ZZ&seq=12', { step: 'link', token: '7ZZ' }],
  ['#link=', undefined],
  ['#other=1', undefined],
  ['', undefined],
])('%s', (hash, step) => {
  expect(stepIn(hash)).toEqual(step);
});
