/** Lets a member behave as badly as it is allowed to, and counts what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openRawClient, Refused } from '../../bench/raw-client.ts';
import { type Behaviour, type Member, SOCKETS } from './behaviours.ts';
import { askOnAll, askUnread, visit } from './over-http.ts';
import { atRate } from './at-rate.ts';
import { note, type Seen } from './seen.ts';

const REOPEN_MS = 1_100;

/** Settles when `over` is aborted and everything is closed. Behaviours that share the sockets take turns. */
export async function misbehave(member: Member, behaviours: readonly Behaviour[], over: AbortSignal, seen: Seen) {
  const framed = behaviours.flatMap(({ frames }) => frames ?? []);
  const asked = behaviours.flatMap(({ requests }) => requests ?? []);
  await Promise.all([
    ...(framed.length === 0
      ? []
      : Array.from({ length: SOCKETS }, (_, at) => useSocket(member, framed, at, over, seen))),
    ...(asked.length === 0 ? [] : [askOnAll(member, asked, over, seen)]),
    ...behaviours.flatMap(({ unread }) => (unread === undefined ? [] : [askUnread(member, unread, over, seen)])),
    ...behaviours.flatMap(({ visits }) => (visits === undefined ? [] : [visit(member, visits, over, seen)])),
  ]);
}

/** One socket, opened again whenever it is closed. */
async function useSocket(
  member: Member,
  framed: readonly NonNullable<Behaviour['frames']>[],
  at: number,
  over: AbortSignal,
  seen: Seen,
): Promise<void> {
  // Between them they share what one socket may send.
  const perSecond = framed.reduce((sum, frames) => sum + frames.perSecond, 0) / framed.length;
  while (!over.aborted) {
    const closed = new AbortController();
    const url = `${member.gateways[at % member.gateways.length]}?token=${member.token}`;
    const onFrame = (payload: Buffer) => noteFrame(seen, payload);
    const onClose = (reason: string) => {
      note(seen, `closed ${reason.slice(0, 4)}`);
      closed.abort();
    };
    const client = await openRawClient({ url, onFrame, onClose }).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      note(seen, 'not opened');
    });
    if (client !== undefined) {
      const send = (frame: object) => {
        seen.sent += 1;
        client.send(JSON.stringify(frame));
      };
      for (const { first } of framed) for (const frame of first?.(member) ?? []) send(frame);
      await atRate(perSecond, AbortSignal.any([over, closed.signal]), (turn) => {
        const frames = framed[turn % framed.length];
        if (frames !== undefined) send(frames.next(member, Math.floor(turn / framed.length)));
      });
      client.destroy();
    }
    if (!over.aborted) await sleep(REOPEN_MS);
  }
}

const TYPE = /^\{"t":"(\w+)"/;

/** Reads no more of a frame than it needs, so that the attack is cheap for who carries it out. */
function noteFrame(seen: Seen, payload: Buffer): void {
  const [, type = 'unknown'] = TYPE.exec(payload.toString('latin1', 0, 40)) ?? [];
  if (type !== 'error') return note(seen, type);
  const { code, retryAfterMs } = JSON.parse(payload.toString()) as { code: string; retryAfterMs?: number };
  note(seen, code);
  if (code === 'rate_limited' && !(Number(retryAfterMs) > 0)) seen.withoutRetryAfter += 1;
}
