/** Traces as the services use them. Nothing here is specific to how they are exported; see otlp-tracing.ts. */

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** How a span stands to those of other processes, in the terms of OpenTelemetry. */
export type SpanKind = 'server' | 'internal' | 'producer' | 'consumer';

export interface SpanOptions {
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
  /** `traceparent` values of spans that it belongs together with beside its parent. */
  readonly links?: readonly string[];
}

/** Something that takes time, in a trace that is recorded. */
export interface TraceSpan {
  readonly traceId: string;
  /** The W3C header by which another process continues the trace below this span. */
  readonly traceparent: string;
  /** Says that it belongs together with another span. */
  link(traceparent: string): void;
  /** It is over; with `error`, the code of what went wrong, it has failed. Only the first call counts. */
  end(outcome?: { readonly attributes?: Attributes; readonly error?: string }): void;
}

export interface Tracing {
  /** Whether a trace that begins now is recorded, by chance. Allocates nothing. */
  samples(): boolean;
  /** Begins a trace that is recorded. */
  begin(name: string, options: SpanOptions): TraceSpan;
  /** Continues a trace. Undefined when `traceparent` is none of a recorded trace. */
  child(traceparent: string, name: string, options: SpanOptions): TraceSpan | undefined;
  /** Exports what has ended. Settles within a few seconds and never rejects. */
  stop(): Promise<void>;
}

/** Several in one header, separated as W3C separates the members of a list: what was stored together leaves together. */
const MOST_TRACES = 16;

/** The header of a publication that so many recorded traces are about; of more the first ones. */
export function traceHeader(traceparents: readonly string[]): { readonly traceparent: string } | undefined {
  if (traceparents.length === 0) return undefined;
  return { traceparent: traceparents.slice(0, MOST_TRACES).join(',') };
}

/** A span in each trace that a received header names. */
export function childrenOf(
  tracing: Tracing,
  header: string | undefined,
  name: string,
  options: SpanOptions,
): readonly TraceSpan[] {
  if (header === undefined) return [];
  const traceparents = header.split(',', MOST_TRACES);
  return traceparents.flatMap((traceparent) => tracing.child(traceparent, name, options) ?? []);
}
