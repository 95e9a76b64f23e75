/** Frames that name what is of a tenant. */
import type { UpFrame } from '@messagecore/protocol';

export interface Named {
  readonly cid: string;
  readonly user: string;
  readonly mid: string;
}

/** By type, and what is asked for; `own` is a conversation of who asks. */
export function framesNaming({ cid, user, mid }: Named, own: string): (readonly [asked: string, frame: UpFrame])[] {
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
    ...about.map((frame) => [cid, frame] as const),
    [user, { t: 'watch', users: [user] }],
    [user, { t: 'unwatch', users: [user] }],
    [mid, { ...send, cid: own, mid, ref: 'r' }],
  ];
}

/** They name nothing; the token of an `auth` is a secret. */
export const NAME_NOTHING: readonly UpFrame['t'][] = ['auth', 'ping'];
