import { expect, test } from 'vitest';
import { readKept } from '../kept.ts';
import { runTarget } from '../run.ts';
import { hold } from '../target.ts';
import { decoders } from './targets.ts';

const INPUTS = 800;

test.each(decoders)('$name: whatever comes is read, or refused in words of the catalogue', async (target) => {
  const { failures, inputs, verdicts } = await runTarget(target, { inputs: INPUTS, seed: 7 });
  expect(failures.map(({ input, why }) => ({ why, input: input.toString() }))).toEqual([]);
  expect(inputs).toBe(INPUTS);
  // A generator whose inputs all end the same way would find nothing.
  expect(verdicts.size).toBeGreaterThan(1);
});

test.each(decoders)('$name: what was kept is answered as it has to be', async (target) => {
  const failed: string[] = [];
  for (const [name, input] of await readKept(target.name)) {
    await Promise.resolve(target.check(input)).catch((error: unknown) => failed.push(`${name}: ${String(error)}`));
  }
  expect(failed).toEqual([]);
});

test('a target that refuses everything is no target', async () => {
  const deaf = { ...decoders[0]!, check: () => 'unavailable' };
  const { failures } = await runTarget(deaf, { inputs: 600, seed: 7 });
  expect(failures.map(({ why }) => why)).toEqual([expect.stringContaining('none of 600 inputs')]);
});

test('an input that breaks a promise is found and made small', async () => {
  const [target] = decoders;
  const broken = {
    ...target!,
    check: (input: Buffer) => {
      hold(!input.includes('"on":null'), 'cannot stand null');
      return 'accepted';
    },
  };
  const { failures } = await runTarget(broken, { inputs: 20_000, seed: 7 });
  expect(failures.length).toBeGreaterThan(0);
  for (const { input, why } of failures) {
    expect(why).toContain('cannot stand null');
    // The change that matters, alone.
    expect(() => JSON.parse(input.toString()) as unknown).not.toThrow();
  }
});
