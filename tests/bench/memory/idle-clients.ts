/** Connections that come and then do nothing, in a process of their own. */
import { answerParent } from '../processes/answer.ts';
import { openRawClient } from '../raw-client.ts';

export interface IdlePlan {
  readonly protocol?: string;
  /** One for each connection: where it connects to, and the conversation that it joins, if any. */
  readonly connections: readonly { readonly url: string; readonly cid?: string }[];
}

const AT_ONCE = 100;
const JOINED = Buffer.from('{"t":"joined"');

answerParent({
  /** Settles when all are connected and have joined. @throws Error when one of them is closed. */
  connect: async ({ protocol, connections }: IdlePlan) => {
    const failed = Promise.withResolvers<never>();
    const open = async ({ url, cid }: IdlePlan['connections'][number]) => {
      const joined = Promise.withResolvers<void>();
      const client = await openRawClient({
        url,
        ...(protocol === undefined ? {} : { protocol }),
        onFrame: (payload) => payload.subarray(0, JOINED.length).equals(JOINED) && joined.resolve(),
        onClose: (reason) => failed.reject(new Error(`${url.split('?')[0]} closed: ${reason}`)),
      });
      if (cid === undefined) return;
      client.send(JSON.stringify({ t: 'join', cid }));
      await joined.promise;
    };
    for (let start = 0; start < connections.length; start += AT_ONCE) {
      await Promise.race([Promise.all(connections.slice(start, start + AT_ONCE).map(open)), failed.promise]);
    }
    // Whatever closes later shows in the servers' counts.
    failed.promise.catch(() => {});
  },
});
