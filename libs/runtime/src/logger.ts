import { type DestinationStream, destination, type Logger as PinoLogger, pino } from 'pino';
import { scrub, scrubLine } from './scrub.ts';

export type Logger = PinoLogger;
export type LogDestination = DestinationStream;

export interface LoggerOptions {
  readonly name: string;
  /** `silent` writes nothing. */
  readonly level: string;
  /** Standard error when left out: standard output is for a program's results. */
  readonly to?: LogDestination | undefined;
}

/**
 * A logger that writes one line of JSON per entry, without secrets, message bodies and statement parameters (see
 * scrub.ts).
 */
export function createLogger({ name, level, to }: LoggerOptions): Logger {
  const logger = pino(
    {
      name,
      level,
      formatters: {
        level: (label) => ({ level: label }),
        log: (entry) => scrub(entry) as Record<string, unknown>,
      },
      serializers: { err: scrubbed, error: scrubbed, req: describeRequest, res: describeResponse },
      hooks: { streamWrite: scrubLine },
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

const scrubbed = (value: unknown): unknown => scrub(value);

/** The path without its query, which may carry a token. */
function describeRequest(request: { method?: string; url?: string; id?: unknown }) {
  return { id: request.id, method: request.method, path: request.url?.split('?', 1)[0] };
}

function describeResponse(response: { statusCode?: number }) {
  return { status: response.statusCode };
}
