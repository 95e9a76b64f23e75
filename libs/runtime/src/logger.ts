import {
  type DestinationStream,
  destination,
  type Logger as PinoLogger,
  type LoggerOptions as LoggerOptionsOfPino,
  pino,
} from 'pino';
import type { ErrorReports } from './error-reports.ts';
import { scrub, scrubLine } from './scrub.ts';

export type Logger = PinoLogger;
export type LogDestination = DestinationStream;

export interface LoggerOptions {
  readonly name: string;
  /** `silent` writes nothing. */
  readonly level: string;
  /** Standard error when left out: standard output is for a program's results. */
  readonly to?: LogDestination | undefined;
  /** Where what is logged as an error is reported too. */
  readonly reports?: Pick<ErrorReports, 'report'> | undefined;
}

/**
 * A logger that writes one line of JSON per entry, without secrets, message bodies and statement parameters (see
 * scrub.ts).
 */
export function createLogger({ name, level, to, reports }: LoggerOptions): Logger {
  const logger = pino(
    {
      name,
      level,
      formatters: {
        level: (label) => ({ level: label }),
        log: (entry) => scrub(entry) as Record<string, unknown>,
      },
      serializers: { err: scrubbed, error: scrubbed, req: describeRequest, res: describeResponse },
      hooks: { streamWrite: scrubLine, ...(reports && { logMethod: reportTo(reports) }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    to ?? destination({ dest: 2, sync: true }),
  );
  return scrubChildren(logger);
}

/** Children inherit the method: pino applies no formatter of ours to what a child is bound to. */
function scrubChildren(logger: Logger): Logger {
  // oxlint-disable-next-line typescript/unbound-method -- called with `this` below
  const { child } = logger;
  return Object.assign(logger, {
    child(this: Logger, ...[bindings, options]: Parameters<Logger['child']>) {
      return child.call(this, scrub(bindings) as typeof bindings, options);
    },
  });
}

type LogMethod = NonNullable<NonNullable<LoggerOptionsOfPino['hooks']>['logMethod']>;

function reportTo(reports: Pick<ErrorReports, 'report'>): LogMethod {
  return function logAndReport(args, method, level) {
    if (level >= LEVELS.error) {
      const [given, text] = args as [unknown, unknown];
      const entry = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
      const message = typeof given === 'string' ? given : text;
      reports.report({
        level: level >= LEVELS.fatal ? 'fatal' : 'error',
        message: typeof message === 'string' ? message : undefined,
        error: given instanceof Error ? given : entry['err'],
        about: { ...this.bindings(), ...entry, ...routeOf(entry['req']) },
      });
    }
    method.apply(this, args);
  };
}

const LEVELS = { error: 50, fatal: 60 };

/** Which route it was of, without what its address names. */
function routeOf(request: unknown): { route?: string } {
  const { method, routeOptions } = (request ?? {}) as { method?: string; routeOptions?: { url?: string } };
  return routeOptions?.url === undefined ? {} : { route: `${method} ${routeOptions.url}` };
}

const scrubbed = (value: unknown): unknown => scrub(value);

/** The path without its query, which may carry a token. */
function describeRequest(request: { method?: string; url?: string; id?: unknown }) {
  return { id: request.id, method: request.method, path: request.url?.split('?', 1)[0] };
}

function describeResponse(response: { statusCode?: number }) {
  return { status: response.statusCode };
}
