/**
 * Counts what was written to the connection and not yet read by the server, so that a server that stalls cannot make
 * this process's memory grow: above the bound nothing more is admitted. The count is reduced by pings that are sent
 * behind the data, one at a time, and only once `PING_AFTER_BYTES` are unread.
 */
export class UnreadBytes {
  readonly #maxBytes: number;
  readonly #ping: () => Promise<void>;
  #bytes = 0;
  #pinging = false;
  /** Raised by `reset`, so that the answer to an older ping is not counted. */
  #generation = 0;

  constructor(maxBytes: number, ping: () => Promise<void>) {
    this.#maxBytes = maxBytes;
    this.#ping = ping;
  }

  /** Counts `bytes` that are about to be written. False when the bound is reached. */
  admit(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    if (this.#bytes >= PING_AFTER_BYTES && !this.#pinging) {
      this.#pinging = true;
      // Once the caller has written what was admitted.
      queueMicrotask(() => void this.#pingUntilRead());
    }
    return true;
  }

  /** A new connection has nothing unread. */
  reset(): void {
    this.#generation += 1;
    this.#bytes = 0;
    this.#pinging = false;
  }

  async #pingUntilRead(): Promise<void> {
    const generation = this.#generation;
    while (this.#bytes >= PING_AFTER_BYTES) {
      const covered = this.#bytes;
      // A ping that fails means a broken connection, and `reset` follows.
      const answered = await this.#ping().then(
        () => true,
        () => false,
      );
      if (generation !== this.#generation || !answered) return;
      this.#bytes -= covered;
    }
    this.#pinging = false;
  }
}

const PING_AFTER_BYTES = 256 * 1024;
