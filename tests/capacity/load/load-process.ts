/**
 * All clients of a capacity run in one process, so that a send and its receipt are on one clock: open load, frames made
 * from templates, what comes is counted without being parsed. What it costs is reported beside the product's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../../bench/processes/answer.ts';
import { openRawClient, type RawClient } from '../../bench/raw-client.ts';
import { type OpenLoop, openLoop, type OpenLoopPlan } from '../../bench/way/open-loop.ts';
import type { LoadAnswers, LoadPlan, LoadResult } from './plan.ts';
import { frameMaker, indexOf } from './send-frame.ts';

const AT_ONCE = 100;
/** Tells the frames apart by one byte: `{"t":"message"`, `{"t":"joined"`, `{"t":"ack"`, `{"t":"error"`. */
const KIND_AT = 6;
const [MESSAGE, JOINED, ERROR] = Buffer.from('mje');

interface Sender {
  readonly client: RawClient;
  readonly make: (index: number) => Buffer;
}

/** How long what nobody measures may take to come after the last that was measured. */
const PATIENCE_MS = 5_000;

let senders: Sender[] = [];
let receiversPerMessage = 1;
let receipts = 1;
let loop: OpenLoop | undefined;
/** Index of the run's first message: what comes late from the run before must not be taken for this one's. */
let base = 0;
let delivered = 0;
let refused = 0;
let firstRefusal = '';

answerParent({
  connect: async ({ protocol, receivers, senders: sending, receiversPerMessage: per, measuredShare }: LoadPlan) => {
    receiversPerMessage = per;
    receipts = Math.ceil(per / measuredShare);
    await inSlices(receivers, async ({ url, cid }, index) => {
      const joined = Promise.withResolvers<void>();
      const onMessage = index % measuredShare === 0 ? measure : count;
      const onFrame = (payload: Buffer) => {
        const kind = payload[KIND_AT];
        if (kind === MESSAGE) onMessage(payload);
        else if (kind === JOINED) joined.resolve();
        else if (kind === ERROR) joined.reject(new Error(payload.toString()));
      };
      const client = await openRawClient({ url, protocol, onFrame, onClose: noteClose });
      client.send(JSON.stringify({ t: 'join', cid }));
      await joined.promise;
    });
    senders = await inSlices(sending, async ({ url, cid }) => ({
      make: frameMaker(cid),
      client: await openRawClient({ url, protocol, onFrame: noteRefusal, onClose: noteClose }),
    }));
  },
  run: async (plan: OpenLoopPlan): Promise<LoadResult> => {
    delivered = 0;
    refused = 0;
    firstRefusal = '';
    const start = base;
    loop = openLoop({ ...plan, receipts }, (index) => {
      const sender = senders[index % senders.length];
      if (sender === undefined) throw new Error('connect first');
      sender.client.write(sender.make(start + index));
    });
    const result = await loop.result;
    const expected = result.sent * receiversPerMessage;
    const ends = performance.now() + PATIENCE_MS;
    while (delivered < expected && performance.now() < ends) await sleep(10);
    base += result.sent;
    if (firstRefusal !== '') process.stderr.write(`${firstRefusal}\n`);
    return { ...result, delivered, refused, lost: Math.max(0, expected - delivered) };
  },
} satisfies LoadAnswers);

async function inSlices<T, R>(all: readonly T[], open: (one: T, index: number) => Promise<R>): Promise<R[]> {
  const opened: R[] = [];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    const slice = all.slice(start, start + AT_ONCE);
    opened.push(...(await Promise.all(slice.map((one, index) => open(one, start + index)))));
  }
  return opened;
}

function count(payload: Buffer): void {
  if (indexOf(payload) >= base) delivered += 1;
}

function measure(payload: Buffer): void {
  const index = indexOf(payload) - base;
  if (index < 0) return;
  delivered += 1;
  loop?.arrived(index);
}

function noteRefusal(payload: Buffer): void {
  if (payload[KIND_AT] !== ERROR) return;
  refused += 1;
  firstRefusal ||= payload.toString();
}

function noteClose(reason: string): void {
  refused += 1;
  firstRefusal ||= `closed: ${reason}`;
}
