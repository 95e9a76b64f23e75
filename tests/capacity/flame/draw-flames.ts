import { escape, picture, text } from '../../bench/report/svg.ts';
import type { Frame } from './frames.ts';

const WIDTH = 1_200;
const ROW = 17;
const TOP = 44;
/** Narrower ones cannot be seen. */
const NARROWEST = 1.5;
const CHARACTER = 6.1;

const COLOURS: Readonly<Record<Frame['origin'], string>> = {
  ours: '#e8590c',
  library: '#d9a400',
  node: '#2b8a3e',
  engine: '#868e96',
};

/**
 * A flame graph, callers above: a frame is as wide as the share of the busy time that it and what it called took. Pointing
 * at one tells its name and share.
 */
export function drawFlames(title: string, root: Frame): string {
  const shapes: string[] = [];
  let rows = 0;
  const draw = (frame: Frame, x: number, row: number) => {
    const width = (frame.totalUs / root.totalUs) * WIDTH;
    if (width < NARROWEST) return;
    rows = Math.max(rows, row + 1);
    if (row >= 0) shapes.push(box(frame, x, row, width, frame.totalUs / root.totalUs));
    let left = x;
    for (const child of frame.children) {
      draw(child, left, row + 1);
      left += (child.totalUs / root.totalUs) * WIDTH;
    }
  };
  draw(root, 0, -1);
  const legend = Object.entries(COLOURS).map(([origin, colour], index) =>
    [
      `<rect x="${WIDTH - 340 + index * 85}" y="14" width="11" height="11" fill="${colour}"/>`,
      text(WIDTH - 324 + index * 85, 24, origin, 'small'),
    ].join(''),
  );
  return picture(WIDTH, TOP + rows * ROW + 8, title, [STYLE, ...legend, ...shapes]);
}

const STYLE = '<style>.f text { font-size: 10px; fill: #fff; } .f rect { stroke: #fff; stroke-width: 0.4; }</style>';

function box({ label, origin }: Frame, x: number, row: number, width: number, share: number): string {
  const y = TOP + row * ROW;
  const room = Math.floor((width - 6) / CHARACTER);
  const shown = room < 3 ? '' : text(x + 3, y + 12, label.length > room ? `${label.slice(0, room - 1)}…` : label);
  const size = `x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${COLOURS[origin]}"`;
  return `<g class="f"><title>${escape(label)} ${(share * 100).toFixed(1)} %</title><rect ${size}/>${shown}</g>`;
}
