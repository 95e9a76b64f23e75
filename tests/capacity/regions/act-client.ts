/** A client that does one thing after the other and says how long each took, milliseconds. */
import { createUlid } from '@messagecore/kernel';
import { openRawClient, type RawClient } from '../../bench/raw-client.ts';

interface Frame {
  readonly t: string;
  readonly ref?: string;
  readonly mid?: string;
  readonly cid?: string;
  readonly pos?: number;
  readonly seq?: number;
  readonly code?: string;
  readonly msg?: string;
}

class Refused extends Error {
  readonly code: string;

  constructor({ code = '', msg = '' }: Frame) {
    super(`refused: ${code} ${msg}`);
    this.code = code;
  }
}

type Wanted = (frame: Frame) => boolean;

const newMid = createUlid();
/** What has not come by then never does. */
const PATIENCE_MS = 15_000;
const TRIES = 4;

export class ActClient {
  readonly #raw: RawClient;
  readonly #waiting = new Set<{ wanted: Wanted; found: (frame: Frame) => void }>();
  #refs = 0;

  private constructor(raw: RawClient) {
    this.#raw = raw;
  }

  /** Connects, and settles with `ready`. */
  static async open(url: string): Promise<{ readonly client: ActClient; readonly ms: number }> {
    const start = performance.now();
    const early: Frame[] = [];
    let take = (frame: Frame): void => void early.push(frame);
    const raw = await openRawClient({ url, onFrame: (payload) => take(JSON.parse(payload.toString('utf8')) as Frame) });
    const client = new ActClient(raw);
    const ready = client.#next(({ t }) => t === 'ready');
    take = (frame) => client.#take(frame);
    for (const frame of early) take(frame);
    await ready;
    return { client, ms: performance.now() - start };
  }

  close(): void {
    this.#raw.destroy();
  }

  async join(cid: string): Promise<number> {
    return this.#timed((frame) => frame.t === 'joined' && frame.cid === cid, { t: 'join', cid });
  }

  /** Until all are joined. */
  async resume(cids: readonly string[]): Promise<number> {
    const start = performance.now();
    const joined = cids.map((cid) => this.#next((frame) => frame.t === 'joined' && frame.cid === cid));
    this.#raw.send(JSON.stringify({ t: 'resume', pos: Object.fromEntries(cids.map((cid) => [cid, [0, 0]])) }));
    await Promise.all(joined);
    return performance.now() - start;
  }

  /** From the send to its `ack`, with its `seq`, and until `receiver` has it. */
  async send(cid: string, receiver: ActClient) {
    const mid = newMid();
    const start = performance.now();
    const since = async (frame: Promise<Frame>) => {
      const { pos = 0 } = await frame;
      return { pos, ms: performance.now() - start };
    };
    const received = since(receiver.#next((frame) => frame.t === 'message' && frame.mid === mid));
    const ack = since(this.#next((frame) => frame.t === 'ack' && frame.mid === mid));
    const body = { text: 'as long as people write' };
    this.#raw.send(JSON.stringify({ t: 'send', cid, mid, clientId: 'regions', at: Date.now(), kind: 'text', body }));
    const [{ pos: seq, ms: ackMs }, { ms: deliverMs }] = await Promise.all([ack, received]);
    return { seq, ackMs, deliverMs };
  }

  /** A request that is answered by a `result`. */
  async ask(frame: Readonly<Record<string, unknown>>): Promise<number> {
    const ref = String((this.#refs += 1));
    return this.#timed((answer) => answer.t === 'result' && answer.ref === ref, { ...frame, ref });
  }

  /** Until `receiver` sees this client type. */
  async type(cid: string, receiver: ActClient): Promise<number> {
    const start = performance.now();
    const seen = receiver.#next((frame) => frame.t === 'typing' && frame.cid === cid);
    this.#raw.send(JSON.stringify({ t: 'typing', cid, on: true }));
    await seen;
    return performance.now() - start;
  }

  /** Of an answer: what took longer than a gateway waits, on a busy machine, is asked again. */
  async #timed(wanted: Wanted, frame: object): Promise<number> {
    for (let tries = TRIES; ; tries -= 1) {
      const start = performance.now();
      const found = this.#next(wanted);
      this.#raw.send(JSON.stringify(frame));
      try {
        await found;
        return performance.now() - start;
      } catch (error) {
        if (tries === 1 || !(error instanceof Refused) || error.code !== 'unavailable') throw error;
      }
    }
  }

  async #next(wanted: Wanted): Promise<Frame> {
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    const timer = setTimeout(() => reject(new Error('what was asked for did not come')), PATIENCE_MS);
    const waiting = { wanted: (frame: Frame) => frame.t === 'error' || wanted(frame), found: resolve };
    this.#waiting.add(waiting);
    const frame = await promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
    });
    if (frame.t === 'error') throw new Refused(frame);
    return frame;
  }

  #take(frame: Frame): void {
    for (const { wanted, found } of [...this.#waiting]) if (wanted(frame)) found(frame);
  }
}
