import { ChatError } from '@messagecore/protocol';

/** What the client library and the socket say when there is no server to talk to. */
const NO_SERVER = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/**
 * SQLSTATEs after which the same statement may well succeed: connection lost (08), too few resources (53), operator
 * intervention and time-outs (57), a failover's read-only server, a transaction that was ended because it idled or took too
 * long, or that had failed already, deadlock, serialization, a lock not got in time.
 */
const PASSING = /^(?:08...|53...|57...|25006|25P0[234]|40001|40P01|55P03)$/;

/**
 * An error as the outside may see it: errors of the catalogue as they are, a database that does not answer as
 * `unavailable`, everything else as `internal`, with the original error as its `cause`, not in its message.
 */
export function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  return new ChatError(isPassing(error) ? 'unavailable' : 'internal', undefined, { cause: error });
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string' && (NO_SERVER.has(code) || PASSING.test(code))) return true;
  return isPassing(error.cause);
}
