/** What the stream of the tests holds, frame by frame. */
import { type Bus, streamState } from '@messagecore/bus';
import { decodeBatch, STREAM } from '@messagecore/protocol/bus';
import type { Room } from './rooms.ts';

export interface Streamed {
  readonly cid: string;
  readonly type: string;
  readonly number: number;
}

/** Every frame that the stream holds, in its order. */
export async function streamed(bus: Bus): Promise<Streamed[]> {
  const { lastSeq = 0 } = (await streamState(bus)) ?? {};
  const entries = Array.from({ length: lastSeq }, async (_, n) => {
    const answer = await bus.request(`$JS.API.STREAM.MSG.GET.${STREAM}`, JSON.stringify({ seq: n + 1 }), {
      timeoutMs: 20_000,
    });
    const { message } = JSON.parse(Buffer.from(answer).toString()) as { message: { data: string } };
    const { header, frames } = decodeBatch(Buffer.from(message.data, 'base64'));
    return frames.map((frame) => {
      const { cid, seq, rev } = JSON.parse(Buffer.from(frame).toString()) as { cid: string; seq: number; rev: number };
      return { cid, type: header.type, number: header.type === 'messages' ? seq : rev };
    });
  });
  return (await Promise.all(entries)).flat();
}

export const numbers = (of: readonly Streamed[], { cid }: Room, type = 'messages') =>
  of.filter((frame) => frame.cid === cid && frame.type === type).map(({ number }) => number);

export const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
