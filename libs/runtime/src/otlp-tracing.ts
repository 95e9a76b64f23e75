/**
 * Records spans with OpenTelemetry's SDK and exports them by OTLP over HTTP, in batches.
 *
 * Bounded: what ends faster than it is exported is dropped, and counted. A receiver that is away costs spans and nothing
 * else.
 */
import { randomUUID } from 'node:crypto';
import { type Random, systemClock } from '@messagecore/kernel';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind as OtelKind,
  type SpanContext,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracingConfig } from './telemetry-config.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { SpanOptions, TraceSpan, Tracing } from './tracing.ts';
import { within } from './within.ts';

/** Spans that wait to be exported, and how long and how many at a time. */
const EXPORT = {
  maxQueueSize: 4_096,
  maxExportBatchSize: 512,
  scheduledDelayMillis: 1_000,
  exportTimeoutMillis: 5_000,
};
const STOP_MS = 3_000;
/** A failing receiver is logged so often at the most. */
const LOG_EVERY_MS = 60_000;

const KINDS = {
  server: OtelKind.SERVER,
  internal: OtelKind.INTERNAL,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
} as const;

export interface TracingDeps {
  /** Which program the spans are of. */
  readonly service: string;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export function startOtlpTracing(
  { endpoint, headers, ratio }: TracingConfig,
  deps: TracingDeps,
  random: Random = Math.random,
): Tracing {
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const exporter = observed(
    new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: EXPORT.exportTimeoutMillis }),
    deps,
  );
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': deps.service,
      'service.instance.id': randomUUID(),
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...EXPORT })],
  });
  const tracer = provider.getTracer('messagecore');
  return {
    samples: () => random() < ratio,
    begin: (name, options) => startSpan(tracer, name, options, ROOT_CONTEXT),
    child(traceparent, name, options) {
      const parent = contextOf(traceparent);
      return parent && startSpan(tracer, name, options, trace.setSpanContext(ROOT_CONTEXT, parent));
    },
    stop: () => within(STOP_MS, provider.shutdown(), systemClock).catch(() => {}),
  };
}

function startSpan(
  tracer: Tracer,
  name: string,
  { kind, attributes = {}, links = [] }: SpanOptions,
  parent: Context,
): TraceSpan {
  const linked = links.flatMap((link) => {
    const context = contextOf(link);
    return context === undefined ? [] : [{ context }];
  });
  return new RecordedSpan(tracer.startSpan(name, { kind: KINDS[kind], attributes, links: linked }, parent));
}

class RecordedSpan implements TraceSpan {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  get traceparent(): string {
    const { traceId, spanId } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-01`;
  }

  link(traceparent: string): void {
    const context = contextOf(traceparent);
    if (context !== undefined) this.#span.addLink({ context });
  }

  end({ attributes, error }: Parameters<TraceSpan['end']>[0] = {}): void {
    if (!this.#span.isRecording()) return;
    if (attributes !== undefined) this.#span.setAttributes(attributes);
    if (error !== undefined) {
      this.#span.setAttribute('error.type', error);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    this.#span.end();
  }
}

/** Of a version that is known, and recorded. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-01$/;

function contextOf(traceparent: string): SpanContext | undefined {
  const [, traceId, spanId] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

/** Counts what is exported and what is lost. */
function observed(exporter: SpanExporter, { log, metrics }: TracingDeps): SpanExporter {
  const spans = metrics.counter('trace_spans_total', 'Spans exported, or lost because the receiver did not take them', [
    'result',
  ]);
  let loggedAt = Number.NEGATIVE_INFINITY;
  return {
    export(batch, done) {
      exporter.export(batch, (result) => {
        spans.inc({ result: result.error === undefined ? 'exported' : 'lost' }, batch.length);
        const now = systemClock.monotonic();
        if (result.error !== undefined && now - loggedAt >= LOG_EVERY_MS) {
          loggedAt = now;
          log.warn({ err: result.error, spans: batch.length }, 'traces are not exported');
        }
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
