import { createUlid } from '@messagecore/kernel';
import { openRawClient, type RawClient } from '../raw-client.ts';

type Frame = { readonly t: string; readonly cid?: string; readonly mid?: string; readonly head?: number };

const newMid = createUlid();
/** No answer comes that late. */
const PATIENCE_MS = 30_000;

/** One session of one user, and the same user over HTTP. */
export interface Person {
  join(cid: string): Promise<void>;
  leave(cid: string): void;
  /** Settles with the `seq` when the message is stored. */
  send(cid: string): Promise<number>;
  /** Settles when the session is told of this head, or a later one. */
  told(cid: string, head: number): Promise<void>;
  /** @throws Error when the answer is a refusal. */
  request(method: string, path: string): Promise<unknown>;
  end(): void;
}

interface Address {
  readonly url: string;
  readonly api: string;
  readonly token: string;
  readonly inbox?: boolean;
}

export async function openPerson({ url, api, token, inbox = false }: Address): Promise<Person> {
  const waiting = new Set<(frame: Frame) => void>();
  const heads = new Map<string, number>();
  const onFrame = (payload: Buffer) => {
    const frame = JSON.parse(payload.toString()) as Frame;
    if (frame.t === 'inbox') heads.set(frame.cid ?? '', frame.head ?? 0);
    for (const look of waiting) look(frame);
  };
  const client: RawClient = await openRawClient({ url: `${url}?token=${token}${inbox ? '&inbox=true' : ''}`, onFrame });
  const next = <F extends Frame>(isIt: (frame: Frame) => boolean): Promise<F> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS);
      const look = (frame: Frame) => {
        if (!isIt(frame)) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(frame as F);
      };
      waiting.add(look);
    });
  return {
    async join(cid) {
      const joined = next((frame) => frame.t === 'joined' && frame.cid === cid);
      client.send(JSON.stringify({ t: 'join', cid }));
      await joined;
    },
    leave: (cid) => client.send(JSON.stringify({ t: 'leave', cid })),
    async send(cid) {
      const mid = newMid();
      const stored = next<Frame & { readonly pos: number }>((frame) => frame.t === 'ack' && frame.mid === mid);
      const body = { text: 'x'.repeat(60) };
      client.send(JSON.stringify({ t: 'send', cid, mid, clientId: 'bench', at: Date.now(), kind: 'text', body }));
      return (await stored).pos;
    },
    async told(cid, head) {
      if ((heads.get(cid) ?? 0) < head)
        await next((frame) => frame.t === 'inbox' && frame.cid === cid && (frame.head ?? 0) >= head);
    },
    async request(method, path) {
      const answer = await fetch(`${api}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? undefined : answer.json();
    },
    end: () => client.destroy(),
  };
}
