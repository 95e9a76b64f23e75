import { STREAM } from '@messagecore/protocol/bus';
import type { Bus } from './bus.ts';
import { BusError } from './bus-error.ts';

interface ConsumerInfo {
  readonly error?: { readonly code: number; readonly description: string };
  readonly num_pending: number;
  readonly num_ack_pending: number;
}

const TIMEOUT_MS = 2_000;
const NOT_FOUND = 404;

/**
 * Events that a pull consumer has not handled: those not handed out yet, and those not acknowledged. Undefined when there is
 * no such consumer. @throws BusError when JetStream does not answer.
 */
export async function consumerLag(bus: Pick<Bus, 'request'>, name: string): Promise<number | undefined> {
  const answer = await bus.request(`$JS.API.CONSUMER.INFO.${STREAM}.${name}`, '', { timeoutMs: TIMEOUT_MS });
  const { error, num_pending, num_ack_pending } = JSON.parse(new TextDecoder().decode(answer)) as ConsumerInfo;
  if (error?.code === NOT_FOUND) return undefined;
  if (error !== undefined) throw new BusError('refused', `consumer ${name}`, error.description);
  return num_pending + num_ack_pending;
}
