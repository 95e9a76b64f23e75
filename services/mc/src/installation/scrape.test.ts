import { expect, test } from 'vitest';
import { quantileOf, samplesOf, sumOf } from './scrape.ts';

const TEXT = `# HELP sends_total Sends
# TYPE sends_total counter
sends_total{service="gateway",result="stored"} 7 # {cid="x"} 1 1796.5
sends_total{service="gateway",result="refused"} 2
jobs_ready{service="chat-service"} NaN
took_seconds_bucket{le="0.1",service="gateway"} 50
took_seconds_bucket{le="0.5",service="gateway"} 98
took_seconds_bucket{le="+Inf",service="gateway"} 100
# EOF`;
const samples = samplesOf(TEXT);

test('samples are read with their labels, and added up', () => {
  expect(samples[0]).toEqual({ name: 'sends_total', labels: { service: 'gateway', result: 'stored' }, value: 7 });
  expect(sumOf(samples, 'sends_total')).toBe(9);
  expect(sumOf(samples, 'sends_total', { result: 'stored' })).toBe(7);
});

test('what has no value, or is not there, is not zero', () => {
  expect(sumOf(samples, 'jobs_ready')).toBeUndefined();
  expect(sumOf(samples, 'nothing')).toBeUndefined();
});

test('quantiles are bounds of buckets, since an older reading where there is one', () => {
  expect(quantileOf(samples, 'took_seconds', 0.5)).toBe(0.1);
  expect(quantileOf(samples, 'took_seconds', 0.99)).toBe(Infinity);
  const before = samplesOf('took_seconds_bucket{le="0.1"} 50\ntook_seconds_bucket{le="+Inf"} 50');
  expect(quantileOf(samples, 'took_seconds', 0.5, before)).toBe(0.5);
  expect(quantileOf(samples, 'took_seconds', 0.5, samples)).toBeUndefined();
});
