/** What each frame means, in the words of SPEC.md, and what answers it. A test compares them with its tables. */
import type { DownFrame } from '../wire/down.ts';
import type { UpFrame } from '../wire/up.ts';

interface UpNote {
  readonly meaning: string;
  /** Frames that answer whoever sent this one. */
  readonly answers: readonly DownFrame['t'][];
}

export const UP_NOTES: Readonly<Record<UpFrame['t'], UpNote>> = {
  auth: { meaning: 'authenticate, or renew the token', answers: ['ready'] },
  join: {
    meaning: 'receive a conversation from now on, after replaying what came after `since` and `rev`',
    answers: ['joined', 'result', 'error'],
  },
  resume: { meaning: 'up to 500 joins at once', answers: ['joined', 'error'] },
  leave: { meaning: 'stop receiving it', answers: ['result', 'error'] },
  send: { meaning: 'a new message', answers: ['ack', 'error'] },
  edit: { meaning: 'replace the body of an own message', answers: ['result', 'error'] },
  recall: { meaning: 'withdraw a message', answers: ['result', 'error'] },
  react: { meaning: 'add or take back a reaction', answers: ['result', 'error'] },
  ack: { meaning: 'delivery report: this device has received everything up to `pos`', answers: ['result', 'error'] },
  read: { meaning: 'this user has read up to `pos`', answers: ['result', 'error'] },
  typing: { meaning: 'typing, or no longer', answers: ['error'] },
  presence: { meaning: 'whether anybody is at this device: `online`, `away`', answers: [] },
  watch: {
    meaning: 'to hear how these users are, and of each change of their presence and their profiles',
    answers: ['event', 'presence', 'error'],
  },
  unwatch: { meaning: 'end of `watch`', answers: [] },
  call: { meaning: 'carry out an operation', answers: ['result', 'error'] },
  ping: { meaning: 'heartbeat for clients that cannot send protocol pings', answers: ['pong'] },
};

export const DOWN_NOTES: Readonly<Record<DownFrame['t'], string>> = {
  ready: 'authenticated',
  joined: 'membership confirmed; the replay follows',
  gap: 'these `seq` can never come: `expired`, `erased`, `restored`',
  heads: '`head` and `rev` of conversations without recent traffic, so that a client can detect a lost frame',
  message: 'a message, replayed or live',
  update: 'a changed message in its new state',
  ack: 'the `send` with this `mid` is stored as `seq = pos`, at this time',
  result: 'the request with this `ref` was carried out',
  read: 'this user has read up to `pos`',
  typing: 'this user is typing, or no longer',
  presence: 'a user whom this session watches is `online`, `away`, `busy` or `offline`',
  conv: "a conversation was created or changed, or somebody's place in it or way into it",
  event: 'something of a product area that concerns this user; the events are listed below',
  inbox: 'new messages in a conversation that this session has not joined',
  error: 'a request failed',
  bye: 'the server is about to close: `draining`, `expired`, `suspended`, `revoked`, `lagging`',
  pong: 'answer to `ping`, with the same `at`',
};
