import { expect, test } from 'vitest';
import { StopStack } from './stop-stack.ts';

test('what was started last stops first, one after another', async () => {
  const stopped: string[] = [];
  const stack = new StopStack(() => {}, 1_000);
  for (const name of ['servers', 'services', 'gateways']) {
    stack.push(name, async () => {
      await Promise.resolve();
      stopped.push(name);
    });
  }
  expect(await stack.run()).toBe(true);
  expect(stopped).toEqual(['gateways', 'services', 'servers']);
  expect(await stack.run()).toBe(true);
  expect(stopped).toHaveLength(3);
});

test('one that fails or hangs is told of and does not keep the others from stopping', async () => {
  const notes: string[] = [];
  const stack = new StopStack((line) => notes.push(line), 10);
  let stopped = false;
  stack.push('servers', async () => {
    stopped = true;
  });
  stack.push('services', () => Promise.reject(new Error('stuck')));
  stack.push('gateways', () => new Promise(() => {}));
  expect(await stack.run()).toBe(false);
  expect(stopped).toBe(true);
  expect(notes).toEqual(['gateways did not stop: still running after 0.01 s', 'services did not stop: stuck']);
});
