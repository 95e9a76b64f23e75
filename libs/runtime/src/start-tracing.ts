import type { TracingDeps } from './otlp-tracing.ts';
import type { TracingConfig } from './telemetry-config.ts';
import type { Tracing } from './tracing.ts';

/** Undefined where no endpoint is set: nothing of the libraries is loaded then. */
export async function startTracing(config: TracingConfig | undefined, deps: TracingDeps): Promise<Tracing | undefined> {
  if (config === undefined) return undefined;
  const { startOtlpTracing } = await import('./otlp-tracing.ts');
  return startOtlpTracing(config, deps);
}
