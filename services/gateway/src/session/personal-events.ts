import type { DownFrameOf } from '@messagecore/protocol';

/** What no room tells: it is for one user alone. */
export const PERSONAL_EVENTS: ReadonlySet<DownFrameOf<'conv'>['event']> = new Set([
  'invited',
  'uninvited',
  'requested',
  'unrequested',
]);
