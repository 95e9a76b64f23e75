/** Maintenance refuses what changes anything; reads, sessions and what is live go on. */
import type { ChatError } from '@messagecore/protocol';
import type { RpcName } from '@messagecore/protocol/bus';
import type { Answer } from '../platform/rpc/batch.ts';
import type { RpcAnswers } from '../platform/rpc/serve.ts';

/** The commands that write. */
export type Writing = Pick<RpcAnswers, 'send' | 'change' | 'ack' | 'read'>;

/** The frames that write. Calls are refused by operation. */
export function unlessMaintenance({ send, change, ack, read }: Writing, refusal: () => ChatError | undefined): Writing {
  const guarded =
    <N extends RpcName>(answer: Answer<N>): Answer<N> =>
    async (items, until) => {
      const refused = refusal();
      return refused === undefined ? answer(items, until) : items.map(() => refused);
    };
  return {
    send: guarded<'send'>(send),
    change: guarded<'change'>(change),
    ack: guarded<'ack'>(ack),
    read: guarded<'read'>(read),
  };
}
