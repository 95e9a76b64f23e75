/** Queries as dashboards are made of. */
import type { Query } from './panels.ts';

export const query = (expr: string, legend = ''): Query => ({ expr, legend });
/** Of a counter, a second. */
export const perSecond = (counter: string) => `rate(${counter}[$__rate_interval])`;
export const quantile = (q: number, histogram: string, by = 'le') =>
  `histogram_quantile(${q}, sum by (${by}) (${perSecond(`${histogram}_bucket`)}))`;
export const quantiles = (histogram: string): readonly Query[] => [
  query(quantile(0.5, histogram), 'p50'),
  query(quantile(0.95, histogram), 'p95'),
  query(quantile(0.99, histogram), 'p99'),
];
