/** The few shapes that the charts need, in colours that can be read on light and dark pages. */

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .small { font-size: 12px; fill: #59636e; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .s0 { --c: #0969da; } .s1 { --c: #9a6700; } .s2 { --c: #1a7f37; } .s3 { --c: #8250df; } .s4 { --c: #cf222e; } .s5 { --c: #59636e; }
  .fill { fill: var(--c); } .line { stroke: var(--c); stroke-width: 2; fill: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .small { fill: #9198a1; } .grid { stroke: #3d444d; }
    .s0 { --c: #4493f8; } .s1 { --c: #d29922; } .s2 { --c: #3fb950; } .s3 { --c: #ab7df8; } .s4 { --c: #f85149; } .s5 { --c: #9198a1; }
  }
`;

/** A whole picture. `title` is also what a screen reader says. */
export function picture(width: number, height: number, title: string, shapes: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}</style>`,
    text(12, 24, title, 'title'),
    ...shapes,
    '</svg>\n',
  ].join('\n');
}

export type Anchor = 'start' | 'middle' | 'end';

export function text(x: number, y: number, value: string, style = '', anchor: Anchor = 'start'): string {
  const attributes = `${style === '' ? '' : ` class="${style}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escape(value)}</text>`;
}

export function bar(x: number, y: number, width: number, height: number, series: number): string {
  const box = `x="${round(x)}" y="${round(y)}" width="${round(Math.max(1, width))}" height="${round(height)}"`;
  return `<rect ${box} rx="2" class="fill s${series}"/>`;
}

export function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="grid"/>`;
}

export function polyline(points: readonly (readonly [x: number, y: number])[], series: number): string {
  const list = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  return `<polyline points="${list}" class="line s${series}"/>`;
}

export function dot(x: number, y: number, series: number): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="3" class="fill s${series}"/>`;
}

/** Names of the series in a row, each behind a patch of its colour. */
export function legend(x: number, y: number, names: readonly string[]): string[] {
  const shapes: string[] = [];
  let left = x;
  for (const [index, name] of names.entries()) {
    shapes.push(bar(left, y - 10, 12, 12, index), text(left + 18, y, name));
    left += 18 + name.length * 7.2 + 24;
  }
  return shapes;
}

/** A figure as people read it: three digits that matter, thousands grouped. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

/** Powers of ten that enclose the values. */
export function decades(values: readonly number[]): { low: number; high: number } {
  const positive = values.filter((value) => value > 0);
  return {
    low: Math.floor(Math.log10(Math.min(...positive))),
    high: Math.ceil(Math.log10(Math.max(...positive))),
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

/** Text as it may stand in a picture. */
export function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
