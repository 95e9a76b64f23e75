/** What was sent, and how it was answered: types of frames, codes of errors, statuses, closes. */
export interface Seen {
  sent: number;
  readonly answers: Record<string, number>;
  /** Refusals with `rate_limited` that do not say when to come again. */
  withoutRetryAfter: number;
}

export const nothingSeen = (): Seen => ({ sent: 0, answers: {}, withoutRetryAfter: 0 });

export function note(seen: Seen, answer: string): void {
  seen.answers[answer] = (seen.answers[answer] ?? 0) + 1;
}
