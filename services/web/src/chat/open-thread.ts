import type { Message } from '@messagecore/protocol';
import type { Aim, Timeline } from './timeline.ts';

/** The thread that is shown beside its conversation. */
export interface OpenThread {
  readonly cid: string;
  /** Of the root. */
  readonly seq: number;
  /** Undefined before it has come. */
  readonly root: Message | undefined;
  /** Its replies. Those on their way stand in the timeline of the conversation. */
  readonly timeline: Timeline;
  /** Whether there are replies before those in the timeline. */
  readonly hasOlder: boolean;
  /** Where the person stood when opening it, if there was something new. */
  readonly newAfter: number;
  /** The reply that it was opened for. */
  readonly aim?: Aim;
  /** Why it cannot be shown. */
  readonly error?: unknown;
}
