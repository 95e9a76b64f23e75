/** Frames that name what is of a tenant. */
import type { DownFrame, UpFrame } from '@messagecore/protocol';

export interface Named {
  readonly cid: string;
  readonly user: string;
  readonly mid: string;
}

export interface FrameNaming {
  readonly asked: readonly string[];
  readonly frame: UpFrame;
  /** Type of the frame that answers it; left out where nothing does. */
  readonly answer?: DownFrame['t'];
}

/** One of each type that names something, in each way; `own` is a conversation of who asks. */
export function framesNaming({ cid, user, mid }: Named, own: string): FrameNaming[] {
  const send = { t: 'send', clientId: 'c', at: 1, kind: 'text', body: { text: 'hi' } } as const;
  const about: readonly UpFrame[] = [
    { t: 'join', cid, since: 0, rev: 0, ref: 'r' },
    { t: 'join', cid, since: 0, rev: 0, epoch: 0 },
    { t: 'resume', pos: { [cid]: [0, 0] } },
    { t: 'leave', cid, ref: 'r' },
    { ...send, cid, mid },
    { t: 'edit', cid, seq: 1, body: { text: 'hi' }, ref: 'r' },
    { t: 'recall', cid, seq: 1, ref: 'r' },
    { t: 'react', cid, seq: 1, emoji: '+1', on: true, ref: 'r' },
    { t: 'ack', cid, pos: 1, ref: 'r' },
    { t: 'read', cid, pos: 1, ref: 'r' },
    { t: 'typing', cid, on: true },
    { t: 'call', op: 'conversations.read', ref: 'r', cid, args: { pos: 1 } },
  ];
  return [
    ...about.map((frame) => ({ asked: [cid, mid], frame, answer: 'error' as const })),
    { asked: [user], frame: { t: 'watch', users: [user] } },
    { asked: [user], frame: { t: 'unwatch', users: [user] } },
    { asked: [mid], frame: { ...send, cid: own, mid, ref: 'r' }, answer: 'ack' },
  ];
}

/** They name nothing; the token of an `auth` is a secret. */
export const NAME_NOTHING: readonly UpFrame['t'][] = ['auth', 'presence', 'ping'];
