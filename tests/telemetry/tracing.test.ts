import {
  createLogger,
  createMetrics,
  childrenOf,
  startTracing,
  traceHeader,
  type TracingConfig,
} from '@messagecore/runtime';
import { OtlpReceiver, spansOf } from '@messagecore/testkit';
import { afterEach, expect, test } from 'vitest';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function trace(changes: Partial<TracingConfig> = {}) {
  const receiver = await OtlpReceiver.start();
  cleanups.push(() => receiver.stop());
  const lines: string[] = [];
  const log = createLogger({ name: 'test', level: 'info', to: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics('test');
  const config = { endpoint: receiver.endpoint, headers: {}, ratio: 1, ...changes };
  const tracing = await startTracing(config, { service: 'test', log, metrics });
  if (tracing === undefined) throw new Error('no tracing');
  return { receiver, tracing, metrics, lines };
}

test('spans arrive as OTLP that a receiver understands: parents, links, outcomes', async () => {
  const { receiver, tracing } = await trace({ headers: { 'x-api-key': 'of the receiver' } });
  const root = tracing.begin('send', {
    kind: 'server',
    attributes: { 'messagecore.tenant': 't', count: 2, own: true },
  });
  const [child] = childrenOf(tracing, traceHeader([root.traceparent])?.traceparent, 'store', { kind: 'consumer' });
  const other = tracing.begin('send', { kind: 'server' });
  child?.link(other.traceparent);
  child?.end({ error: 'unavailable' });
  child?.end();
  root.end({ attributes: { seq: 7 } });
  other.end();
  await tracing.stop();
  expect(receiver.faults).toEqual([]);
  expect(receiver.headers['x-api-key']).toBe('of the receiver');
  const [store, send, third] = receiver.spans;
  expect(receiver.spans).toHaveLength(3);
  expect(send).toMatchObject({
    ...{ name: 'send', kind: 2, service: 'test', traceId: root.traceId, parentSpanId: '', failed: false },
    attributes: { 'messagecore.tenant': 't', count: 2, own: true, seq: 7 },
  });
  expect(store).toMatchObject({
    ...{ name: 'store', kind: 5, traceId: root.traceId, parentSpanId: send?.spanId, failed: true },
    links: [{ traceId: other.traceId, spanId: third?.spanId }],
    attributes: { 'error.type': 'unavailable' },
  });
});

test('a part of the traces is recorded, and what names no recorded trace continues none', async () => {
  const half = await trace({ ratio: 0.5 });
  const sampled = Array.from({ length: 1_000 }, () => half.tracing.samples()).filter(Boolean).length;
  expect(sampled).toBeGreaterThan(300);
  expect(sampled).toBeLessThan(700);
  const wrong = ['', 'x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `00-${'1'.repeat(32)}-${'1'.repeat(16)}-00`];
  for (const header of wrong) expect(childrenOf(half.tracing, header, 'store', { kind: 'internal' })).toEqual([]);
  await half.tracing.stop();
});

test('a receiver that is away costs its spans and one line', async () => {
  const { receiver, tracing, metrics, lines } = await trace({ endpoint: 'http://127.0.0.1:9' });
  for (let n = 0; n < 3; n += 1) tracing.begin('send', { kind: 'server' }).end();
  await expect.poll(() => metrics.render()).toMatch(/trace_spans_total\{[^}]*result="lost"[^}]*\} 3/);
  await tracing.stop();
  expect(receiver.spans).toEqual([]);
  expect(lines.filter((line) => line.includes('traces are not exported'))).toHaveLength(1);
});

test('the receiver refuses what is no request to export spans', () => {
  expect(() => spansOf(Buffer.from('hello'))).toThrow('no field');
  expect(() => spansOf(Buffer.from([0x0a, 0x04, 0x12, 0x02, 0x12, 0x00]))).toThrow('no id');
  expect(spansOf(Buffer.alloc(0))).toEqual([]);
});
