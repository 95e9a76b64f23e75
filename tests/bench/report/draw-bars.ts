import type { BarChart } from './chart.ts';
import { bar, decades, figure, legend, picture, text } from './svg.ts';

const WIDTH = 760;
const LABELS = 210;
const VALUES = 90;
const BAR = 16;
const TOP = 64;
const GROUP_GAP = 14;

/** Lying bars, one group under the other, each with its figure behind it. */
export function drawBars({ title, unit, scale, series, groups }: BarChart): string {
  const room = WIDTH - LABELS - VALUES;
  const all = groups.flatMap((group) => group.values);
  const length = lengthOf(scale, all);
  const shapes = legend(12, 46, series);
  let y = TOP;
  for (const { label, values } of groups) {
    shapes.push(text(12, y + (values.length * BAR) / 2 + 5, label));
    for (const [index, value] of values.entries()) {
      const width = length(value) * room;
      shapes.push(bar(LABELS, y + 1, width, BAR - 2, index));
      shapes.push(text(LABELS + width + 6, y + BAR - 4, `${figure(value)} ${unit}`, 'small'));
      y += BAR;
    }
    y += GROUP_GAP;
  }
  if (scale === 'log') shapes.push(text(WIDTH - 12, 24, 'logarithmic scale', 'small', 'end'));
  return picture(WIDTH, y, title, shapes);
}

/** Share of the room that a value takes. A logarithmic bar starts a decade below the smallest value. */
function lengthOf(scale: BarChart['scale'], values: readonly number[]): (value: number) => number {
  if (scale === 'linear') {
    const longest = Math.max(...values, Number.MIN_VALUE);
    return (value) => value / longest;
  }
  const { low, high } = decades(values);
  const from = low - 1;
  const longest = Math.log10(Math.max(...values)) - from;
  return (value) => (value <= 0 || high === low - 1 ? 0 : (Math.log10(value) - from) / longest);
}
