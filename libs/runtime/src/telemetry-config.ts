/** Settings of traces, by OpenTelemetry's own names, the same for every service. */
import { z } from 'zod';
import { settings } from './settings.ts';

export interface TracingConfig {
  /** Base address of an OTLP receiver; traces go to `/v1/traces` below it. */
  readonly endpoint: string;
  /** Sent along, such as a key of the receiver's. */
  readonly headers: Readonly<Record<string, string>>;
  /** Part of the traces that is recorded, of 0 to 1. */
  readonly ratio: number;
}

/** What is recorded when an endpoint is set and nothing else. */
const DEFAULT_RATIO = '0.01';

const SAMPLERS = [
  ...['always_on', 'always_off', 'traceidratio'],
  ...['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'],
] as const;

/** `key=value,…`, values percent-encoded, as the exporter's specification says. */
function headerList(text: string, context: z.RefinementCtx): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [name = '', value] = pair.split(/=(.*)/s);
    if (name.trim() === '' || value === undefined) {
      context.addIssue({ code: 'custom', message: 'must be key=value, several separated by commas' });
      return z.NEVER;
    }
    headers[name.trim()] = decoded(value.trim());
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

export const telemetrySettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: settings
    .urls(['http', 'https'])
    .optional()
    .describe(
      'receiver of [traces](operate.md#traces), by OTLP over HTTP with protobuf, as `http://collector:4318`; without it none are recorded',
    ),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .transform(headerList)
    .optional()
    .describe('sent to it, such as a key: `name=value`, several separated by commas'),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS)
    .default('parentbased_traceidratio')
    .describe('which sends are recorded: a part of them, `always_on` or `always_off`'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .refine((text) => /^\d*\.?\d+$/.test(text) && Number(text) <= 1, { message: 'must be a number from 0 to 1' })
    .default(DEFAULT_RATIO)
    .describe('that part, of 0 to 1; the gateway decides, chat-services follow it'),
};

/** Of all that went well, the largest part that may be logged. */
const MOST_SUCCESSES = 0.01;

/** Settings of logs, the same for every service. */
export const logSettings = {
  LOG_LEVEL: settings.logLevel().describe('what is logged, on standard error'),
  LOG_SUCCESS_RATIO: z
    .string()
    .regex(/^\d*\.?\d+$/, `must be a number from 0 to ${MOST_SUCCESSES}`)
    .transform(Number)
    .pipe(z.number().max(MOST_SUCCESSES, `must be a number from 0 to ${MOST_SUCCESSES}`))
    .default(MOST_SUCCESSES)
    .describe('part of the successes that is [logged](operate.md#logs), 0.01 at the most; errors are logged always'),
};

type Given = z.infer<z.ZodObject<typeof telemetrySettings>>;

export function tracingConfig(given: Given): TracingConfig | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers = {} } = given;
  if (endpoint === undefined) return undefined;
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio } = given;
  if (sampler.endsWith('always_on')) return { endpoint, headers, ratio: 1 };
  return { endpoint, headers, ratio: sampler.endsWith('always_off') ? 0 : Number(ratio) };
}
