/** How long a row of the outbox is its writer's own: one figure for the writer, who keeps to it, and for the relay. */

/** Waiting for room on the way to the bus; then it is left to the relay. */
export const WAIT_MS = 2_000;

/** From being sent to being acknowledged. */
export const ACK_TIMEOUT_MS = 5_000;

/** Beyond both, and the deletion after them. */
export const WRITER_MS = WAIT_MS + ACK_TIMEOUT_MS + 1_000;

/** So old is a row at least whose writer's session is gone: the writer may live, and have another session by now. */
export const ORPHAN_AGE_MS = 1_000;
