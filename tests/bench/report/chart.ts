/** What a chart shows, without how it looks. */
export type Chart = BarChart | LineChart | PanelChart;

export interface BarChart {
  readonly kind: 'bars';
  /** File name, without folder and ending. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** Logarithmic when the longest bar dwarfs the others. */
  readonly scale: 'linear' | 'log';
  readonly series: readonly string[];
  /** One value for each series. */
  readonly groups: readonly { readonly label: string; readonly values: readonly number[] }[];
}

export interface LineChart {
  readonly kind: 'lines';
  readonly name: string;
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly yScale: 'linear' | 'log';
  /** A linear axis goes up to this at the least; without it, to the largest value. */
  readonly yMost?: number;
  /** Marks of the horizontal axis; without them the axis runs linearly over the points. */
  readonly xMarks?: readonly string[];
  /** `x` is an index into `xMarks`, or a number. */
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
}

/** Charts one under the other, over the same horizontal axis. */
export interface PanelChart {
  readonly kind: 'panels';
  readonly name: string;
  readonly title: string;
  readonly panels: readonly LineChart[];
}
