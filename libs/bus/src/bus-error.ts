import { ChatError } from '@messagecore/protocol';

/**
 * `no_responders` - nobody serves or captures the subject; `timeout` - no answer in time; `disconnected` - the connection
 * is down or broke while waiting; `busy` - a bound is reached; `refused` - JetStream answered with an error.
 */
export type BusErrorReason = 'no_responders' | 'timeout' | 'disconnected' | 'busy' | 'refused';

const DETAIL: Readonly<Record<BusErrorReason, string>> = {
  no_responders: 'nobody answers',
  timeout: 'no answer in time',
  disconnected: 'the bus is not connected',
  busy: 'the bus is busy',
  refused: 'the stream refused',
};

/** The bus could not do what it was asked. Always `unavailable` in the catalogue; `reason` tells callers what to check. */
export class BusError extends ChatError {
  readonly reason: BusErrorReason;

  constructor(reason: BusErrorReason, about: string, cause?: unknown) {
    super('unavailable', `${about}: ${DETAIL[reason]}`, { cause });
    this.reason = reason;
  }
}
