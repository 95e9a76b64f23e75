import type { MsgHdrs } from 'nats';

/** One message on its way out. */
export interface Sending {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly reply?: string;
  readonly headers?: MsgHdrs | undefined;
}

/**
 * What is to be sent, kept until the end of the turn of the event loop, so that all that one turn has to say is one write to the
 * socket and one wake-up of whoever reads it (decision 96).
 */
export class Outgoing {
  readonly #send: (sending: Sending) => void;
  #waiting: Sending[] = [];

  constructor(send: (sending: Sending) => void) {
    this.#send = send;
  }

  push(sending: Sending): void {
    if (this.#waiting.push(sending) === 1) setImmediate(this.flush);
  }

  /** Sends at once what waits. */
  readonly flush = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const sending of waiting) this.#send(sending);
  };

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }
}
