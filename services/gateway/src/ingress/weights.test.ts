import { readFileSync } from 'node:fs';
import { UpFrame } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { weightOf } from './weights.ts';

const vectors = JSON.parse(readFileSync(new URL('../../../../protocol/vectors/up.json', import.meta.url), 'utf8')) as {
  readonly valid: readonly { readonly frame: UpFrame }[];
};
const frames = vectors.valid.map(({ frame }) => frame);

test.each(UpFrame.options.map(({ shape }) => shape.t.value))('[LIM-1] %s counts for one frame at least', (t) => {
  const samples = frames.filter((frame) => frame.t === t);
  expect(samples).not.toHaveLength(0);
  for (const frame of samples) expect(weightOf(frame)).toBeGreaterThanOrEqual(1);
});

test('[LIM-1] what names many counts for one frame for each 50 of them', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `00000000-0000-0000-0000-${n}`);
  const pos = (count: number) => Object.fromEntries(ids(count).map((cid): [string, [number, number]] => [cid, [0, 0]]));
  for (const [count, weight] of [
    [1, 1],
    [50, 1],
    [51, 2],
    [500, 10],
  ] as const) {
    expect(weightOf({ t: 'resume', pos: pos(count) })).toBe(weight);
    expect(weightOf({ t: 'watch', users: ids(count) })).toBe(weight);
    expect(weightOf({ t: 'unwatch', users: ids(count) })).toBe(weight);
  }
});
