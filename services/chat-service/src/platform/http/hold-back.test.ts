import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { createHoldBack } from './hold-back.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('[LIM-5] a refusal takes half a second, but of very many only some do', async () => {
  const clock = new VirtualClock();
  const holdBack = createHoldBack((end) => end(), clock);
  let answered = 0;
  const refuse = async () => {
    await holdBack();
    answered += 1;
  };
  for (let refusal = 0; refusal < 1_010; refusal += 1) void refuse();
  await settled();
  expect(answered).toBe(10);
  clock.advance(499);
  await settled();
  expect(answered).toBe(10);
  clock.advance(1);
  await settled();
  expect(answered).toBe(1_010);
});
