export interface Content {
  readonly body: string;
  readonly recalled: boolean;
  readonly reactions: string | null;
  readonly pinned: boolean;
  readonly poll: string | null;
  readonly previews: string | null;
}

/** A message as its recall leaves it: that it was there, who sent it and when, and nothing of what it said. */
export function withoutContent<M extends Content>(message: M): M {
  const gone = { reactions: null, pinned: false, poll: null, previews: null };
  return { ...message, body: '{}', recalled: true, ...gone };
}
