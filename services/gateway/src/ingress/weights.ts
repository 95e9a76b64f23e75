import type { UpFrame, UpFrameOf } from '@messagecore/protocol';

/** Conversations of a `resume`, or users of a `watch`, that count as one frame. */
const NAMED_PER_FRAME = 50;

const one = () => 1;
const named = (count: number) => Math.max(1, Math.ceil(count / NAMED_PER_FRAME));
const namedUsers = ({ users }: UpFrameOf<'watch' | 'unwatch'>) => named(users.length);

/** How many frames of the connection's rate each frame counts for (LIM-1). */
const WEIGHTS: { readonly [T in UpFrame['t']]: (frame: UpFrameOf<T>) => number } = {
  auth: one,
  join: one,
  resume: ({ pos }) => named(Object.keys(pos).length),
  leave: one,
  send: one,
  edit: one,
  recall: one,
  react: one,
  ack: one,
  read: one,
  typing: one,
  presence: one,
  watch: namedUsers,
  unwatch: namedUsers,
  call: one,
  ping: one,
};

export function weightOf(frame: UpFrame): number {
  return (WEIGHTS[frame.t] as (frame: UpFrame) => number)(frame);
}
