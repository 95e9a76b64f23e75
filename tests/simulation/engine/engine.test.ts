import { describe, expect, test } from 'vitest';
import { Link } from './link.ts';
import { Process } from './process.ts';
import { Simulator } from './simulator.ts';

function open() {
  const simulator = new Simulator(1);
  const seen: string[] = [];
  const rest = () => simulator.run(() => false, 10_000);
  return { simulator, seen, rest };
}

describe('a link', () => {
  test('keeps the order whatever each delay is, also after a stall', async () => {
    const { simulator, seen, rest } = open();
    const link = new Link(simulator, simulator.chance('link'), () => ({ min: 0.1, max: 50 }));
    for (let n = 0; n < 50; n += 1) {
      if (n === 20) link.stall(500);
      link.send(() => seen.push(String(n)));
    }
    await rest();
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
    expect(simulator.now).toBeGreaterThanOrEqual(500);
  });

  test('loses what is on its way when it is cut, and carries what comes after', async () => {
    const { simulator, seen, rest } = open();
    const link = new Link(simulator, simulator.chance('link'), () => ({ min: 5, max: 10 }));
    link.send(() => seen.push('before'));
    link.cut();
    link.send(() => seen.push('after'));
    await rest();
    expect(seen).toEqual(['after']);
  });
});

describe('a process', () => {
  test('hears nothing while it is frozen, and everything in order when it thaws', async () => {
    const { simulator, seen, rest } = open();
    const process = new Process(simulator, 'p');
    process.clock.setTimeout(() => seen.push('timer'), 10);
    simulator.after(5, () => process.freeze());
    simulator.after(20, () => process.enter(() => seen.push('message')));
    simulator.after(30, () => {
      seen.push('thaw');
      process.thaw();
    });
    await rest();
    expect(seen).toEqual(['thaw', 'timer', 'message']);
  });

  test('does nothing more once it is killed', async () => {
    const { simulator, seen, rest } = open();
    const process = new Process(simulator, 'p');
    process.clock.setTimeout(() => seen.push('timer'), 10);
    process.onKilled(() => seen.push('killed'));
    process.kill();
    process.enter(() => seen.push('message'));
    await rest();
    expect(seen).toEqual(['killed']);
  });

  test('what it throws is a fault of the run', async () => {
    const { simulator, rest } = open();
    const process = new Process(simulator, 'p');
    process.clock.setTimeout(() => {
      throw new Error('broken');
    }, 1);
    process.defer(() => void Promise.reject(new Error('unheard')));
    await rest();
    expect(simulator.faults).toEqual([expect.stringContaining('unheard'), expect.stringContaining('broken')]);
  });
});
