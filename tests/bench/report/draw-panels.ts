import type { PanelChart } from './chart.ts';
import { shapesOfLines, WIDTH } from './draw-lines.ts';
import { picture, text } from './svg.ts';

const TOP = 24;
const PANEL = 240;

/** Lines one under the other. */
export function drawPanels({ title, panels }: PanelChart): string {
  const shapes = panels.map((panel, n) => {
    const inner = [text(12, 24, panel.title), ...shapesOfLines(panel, PANEL)];
    return `<g transform="translate(0 ${TOP + n * PANEL})">\n${inner.join('\n')}\n</g>`;
  });
  return picture(WIDTH, TOP + panels.length * PANEL, title, shapes);
}
