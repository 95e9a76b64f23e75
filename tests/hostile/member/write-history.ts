import { openRawClient } from '../../bench/raw-client.ts';
import { HISTORY, type Member, message, OTHERS_WITH_HISTORY } from './behaviours.ts';

/** The messages that the member's conversations are to have: no more than one user's burst of sends. */
export async function writeHistory({ gateways, token, cids }: Member): Promise<void> {
  const stored = Promise.withResolvers<void>();
  const frames = [
    ...Array.from({ length: HISTORY }, () => message(cids[0] ?? '')),
    ...cids.slice(1, 1 + OTHERS_WITH_HISTORY).map((cid) => message(cid, undefined, 'hello')),
  ];
  const client = await openRawClient({
    url: `${gateways[0]}?token=${token}`,
    // One at a time: they are long.
    onFrame: (payload, from) => {
      const head = payload.toString('latin1', 0, 40);
      if (head.startsWith('{"t":"error"')) stored.reject(new Error(payload.toString()));
      if (!head.startsWith('{"t":"ready"') && !head.startsWith('{"t":"ack"')) return;
      const next = frames.shift();
      if (next === undefined) stored.resolve();
      else from.send(JSON.stringify(next));
    },
    onClose: (reason) => stored.reject(new Error(reason)),
  });
  await stored.promise;
  client.destroy();
}
