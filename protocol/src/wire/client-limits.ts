/** Bounds that a client heeds without being told them; apart, so that it need not carry the others. */
export const CLIENT_LIMITS = {
  /** Conversations in one `resume` frame. */
  resumeConversations: 500,
  /** Users in one `watch` frame. */
  watchedUsers: 500,
  /** Calls of one session that wait for their answer. */
  callsInFlight: 16,
  authTimeoutMs: 10_000,
  typingMs: 5_000,
} as const;
