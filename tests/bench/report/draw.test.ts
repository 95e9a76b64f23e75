import { expect, test } from 'vitest';
import type { BarChart, LineChart } from './chart.ts';
import { drawBars } from './draw-bars.ts';
import { drawLines } from './draw-lines.ts';
import { figure } from './svg.ts';

const bars: BarChart = {
  kind: 'bars',
  name: 'x',
  title: 'Writes & more',
  unit: 'msg/s',
  scale: 'linear',
  series: ['ours', 'theirs'],
  groups: [
    { label: 'hot', values: [40_000, 400] },
    { label: 'cold', values: [20_000, 10_000] },
  ],
};

const widths = (svg: string) => [...svg.matchAll(/<rect [^>]*width="([\d.]+)" height="14"/g)].map((m) => Number(m[1]));

test('bars are as long as their values', () => {
  const [a, b, c, d] = widths(drawBars(bars));
  expect(a! / c!).toBeCloseTo(2, 1);
  expect(a! / d!).toBeCloseTo(4, 1);
  expect(b!).toBeLessThan(d!);
});

test('bars on a logarithmic scale differ by the logarithm', () => {
  const [a, b] = widths(drawBars({ ...bars, scale: 'log' }));
  expect(b! / a!).toBeGreaterThan(0.1);
});

test('titles are escaped', () => {
  expect(drawBars(bars)).toContain('Writes &amp; more');
});

test.each(['linear', 'log'] as const)('points of a %s line rise with their values', (yScale) => {
  const chart: LineChart = {
    kind: 'lines',
    name: 'x',
    title: 't',
    xTitle: 'share',
    yTitle: 'ms',
    yScale,
    xMarks: ['p50', 'p99', 'max'],
    series: [
      {
        name: 'ours',
        points: [
          [0, 1],
          [1, 20],
          [2, 300],
        ],
      },
    ],
  };
  const heights = [...drawLines(chart).matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map((m) => Number(m[1]));
  expect(heights).toHaveLength(3);
  expect(heights).toEqual(heights.toSorted((a, b) => b - a));
});

test('figures keep the digits that matter', () => {
  expect([figure(1234.5), figure(12.345), figure(1.2345), figure(0.012345)]).toEqual(['1,235', '12.3', '1.2', '0.012']);
});
