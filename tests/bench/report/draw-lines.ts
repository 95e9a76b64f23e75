import type { LineChart } from './chart.ts';
import { decades, dot, figure, gridLine, legend, picture, polyline, text } from './svg.ts';

export const WIDTH = 760;
const HEIGHT = 380;
const LEFT = 64;
const RIGHT = 24;
const TOP = 72;
const BOTTOM = 52;
const MARKS = 5;

/** Lines over a common axis. */
export function drawLines(chart: LineChart): string {
  return picture(WIDTH, HEIGHT, chart.title, shapesOfLines(chart, HEIGHT));
}

/** All of it but the title, `height` high. */
export function shapesOfLines(chart: LineChart, height: number): string[] {
  const { xTitle, yTitle, series } = chart;
  const points = series.flatMap((one) => one.points);
  const x = horizontal(chart, points);
  const y = vertical(chart, height);
  const shapes = [
    ...legend(
      12,
      46,
      series.map((one) => one.name),
    ),
    ...y.marks.flatMap((mark) => [
      gridLine(LEFT, y.place(mark), WIDTH - RIGHT, y.place(mark)),
      text(LEFT - 8, y.place(mark) + 4, figure(mark), 'small', 'end'),
    ]),
    ...x.marks.map(([at, label]) => text(x.place(at), height - BOTTOM + 18, label, 'small', 'middle')),
    text((LEFT + WIDTH - RIGHT) / 2, height - 12, xTitle, 'small', 'middle'),
    text(12, TOP - 8, yTitle, 'small'),
  ];
  for (const [index, one] of series.entries()) {
    const placed = one.points.map(([px, py]) => [x.place(px), y.place(py)] as const);
    shapes.push(polyline(placed, index));
    if (placed.length <= 12) shapes.push(...placed.map(([px, py]) => dot(px, py, index)));
  }
  return shapes;
}

interface Axis<M> {
  readonly marks: readonly M[];
  place(value: number): number;
}

function horizontal({ xMarks }: LineChart, points: LineChart['series'][number]['points']): Axis<[number, string]> {
  const most = xMarks === undefined ? Math.max(...points.map(([value]) => value), 1) : xMarks.length - 1;
  const place = (value: number) => LEFT + ((WIDTH - LEFT - RIGHT) * value) / Math.max(1, most);
  if (xMarks !== undefined) return { place, marks: xMarks.map((label, index) => [index, label]) };
  const steps = Array.from({ length: MARKS + 1 }, (_, index) => (most * index) / MARKS);
  return { place, marks: steps.map((value) => [value, figure(value)]) };
}

function vertical({ yScale, yMost = 0, series }: LineChart, whole: number): Axis<number> {
  const height = whole - TOP - BOTTOM;
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  if (yScale === 'linear') {
    const most = Math.max(...values, yMost, Number.MIN_VALUE);
    const marks = Array.from({ length: MARKS + 1 }, (_, index) => (most * index) / MARKS);
    return { marks, place: (value) => TOP + height * (1 - value / most) };
  }
  const { low, high } = decades(values);
  const span = Math.max(1, high - low);
  const marks = Array.from({ length: span + 1 }, (_, index) => 10 ** (low + index));
  const place = (value: number) => TOP + height * (1 - (Math.log10(Math.max(value, 10 ** low)) - low) / span);
  return { marks, place };
}
