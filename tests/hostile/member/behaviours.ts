/** What one member of a tenant can do to everybody else, each thing as often as the limits let it. */
import { createUlid } from '@messagecore/kernel';
import { LIMITS, RATE_PROFILES } from '@messagecore/protocol';

/** Somebody with a token, and what that one can reach with it. */
export interface Member {
  /** Addresses of gateways: `ws://…/ws`. */
  readonly gateways: readonly string[];
  /** Addresses of chat-services. */
  readonly apis: readonly string[];
  readonly token: string;
  /** As the proxy in front tells it: limits of an address are this member's own. */
  readonly address: string;
  /** Conversations that it takes part in; `HISTORY` messages are in the first one, one in each of the next few. */
  readonly cids: readonly string[];
  /** Others of its tenant. */
  readonly others: readonly string[];
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Behaviour {
  /** Frames that each of the sockets sends, `turn` by turn. */
  readonly frames?: {
    readonly perSecond: number;
    /** Sent once, when a socket has opened. */
    readonly first?: (member: Member) => object[];
    readonly next: (member: Member, turn: number) => object;
  };
  /** Requests over all the HTTP connections together. */
  readonly requests?: { readonly perSecond: number; readonly next: (member: Member, turn: number) => Request };
  /** Asked for on each HTTP connection, and never read. */
  readonly unread?: (member: Member, turn: number) => string;
  /** Connections that are opened and dropped, over all gateways together. */
  readonly visits?: { readonly perSecond: number; readonly path: (member: Member) => string };
}

export const SOCKETS = 5;
export const CONNECTIONS = 60;
/** Messages in the member's first conversation, as long as they may be. */
export const HISTORY = 60;
/** Further conversations with one message. */
export const OTHERS_WITH_HISTORY = 30;
const LONG_TEXT = '\u{6587}'.repeat(LIMITS.textCodePoints);

const { framesPerConnection, httpPerIp } = RATE_PROFILES.production;
/** Just below the limit of a connection. */
const FRAMES = framesPerConnection.perSecond * 0.95;
/** Of what is refused nearly always: just below the refusals that end a connection. */
const REFUSED = (LIMITS.refusals / LIMITS.refusalWindowMs) * 1_000 * 0.95;
const REQUESTS = httpPerIp.perSecond * 0.95;
/** A `resume` counts as one frame for each 50 conversations. */
const RESUMED = LIMITS.resumeConversations;
const RESUMES = (FRAMES * 50) / RESUMED;

const newMid = createUlid();
const MID = newMid();
const EMOJIS = ['👍', '🎉', '😀', '🚀', '❤️'];

const of = <T>(items: readonly T[], turn: number): T => {
  const item = items[turn % items.length];
  if (item === undefined) throw new RangeError('nothing to choose from');
  return item;
};
export const message = (cid: string, mid = newMid(), text = LONG_TEXT) => ({
  ...{ t: 'send', cid, mid, clientId: 'hostile', at: 0, kind: 'text', body: { text } },
});
const positions = (cids: readonly string[]) => Object.fromEntries(cids.slice(0, RESUMED).map((cid) => [cid, [0, 0]]));
const resume = ({ cids }: Member) => [{ t: 'resume', pos: positions(cids) }];

export const BEHAVIOURS = {
  nothing: {},
  'repeats of one message': {
    frames: { perSecond: FRAMES, next: ({ cids }) => message(of(cids, 0), MID, 'again') },
  },
  'long messages': {
    frames: {
      perSecond: REFUSED,
      first: ({ cids }) => [{ t: 'join', cid: of(cids, 0) }],
      next: ({ cids }) => message(of(cids, 0)),
    },
  },
  edits: {
    frames: {
      perSecond: REFUSED,
      first: ({ cids }) => [{ t: 'join', cid: of(cids, 0) }],
      next: ({ cids }, turn) => ({
        ...{ t: 'edit', cid: of(cids, 0), seq: 1 + (turn % HISTORY), ref: `${turn}` },
        body: { text: `${turn} ${LONG_TEXT.slice(0, 15_000)}` },
      }),
    },
  },
  reactions: {
    frames: {
      perSecond: REFUSED,
      first: ({ cids }) => [{ t: 'join', cid: of(cids, 0) }],
      next: ({ cids }, turn) => ({
        ...{ t: 'react', cid: of(cids, 0), seq: 1 + (turn % HISTORY), ref: `${turn}` },
        ...{ emoji: of(EMOJIS, turn), on: Math.floor(turn / HISTORY) % 2 === 0 },
      }),
    },
  },
  typing: {
    frames: {
      perSecond: FRAMES,
      first: resume,
      next: ({ cids }, turn) => ({ t: 'typing', cid: of(cids, turn), on: Math.floor(turn / cids.length) % 2 === 0 }),
    },
  },
  'read marks': {
    frames: {
      perSecond: FRAMES,
      first: resume,
      next: ({ cids }, turn) => ({ t: turn % 2 === 0 ? 'read' : 'ack', cid: of(cids, turn >> 1), pos: 1 }),
    },
  },
  'joins and leaves': {
    frames: {
      perSecond: FRAMES,
      next: ({ cids }, turn) =>
        turn % 2 === 0
          ? { t: 'join', cid: of(cids, turn >> 1), since: 0, rev: 0 }
          : { t: 'leave', cid: of(cids, turn >> 1) },
    },
  },
  'replays of a long history': {
    frames: {
      perSecond: FRAMES,
      next: ({ cids }, turn) =>
        turn % 2 === 0 ? { t: 'join', cid: of(cids, 0), since: 0, rev: 0 } : { t: 'leave', cid: of(cids, 0) },
    },
  },
  resumes: {
    frames: { perSecond: RESUMES, next: ({ cids }) => ({ t: 'resume', pos: positions(cids) }) },
  },
  'lists and pages': {
    requests: {
      perSecond: REQUESTS,
      next: ({ cids }, turn) =>
        of(
          [
            { method: 'GET', path: '/v1/conversations?limit=200' },
            { method: 'GET', path: `/v1/conversations/${of(cids, 0)}/messages?limit=200` },
            { method: 'GET', path: `/v1/conversations/${of(cids, turn)}/participants?limit=200` },
            { method: 'GET', path: `/v1/users?q=${of(['u', 'us', 'user', 'x', 'er'], turn)}&limit=200` },
          ],
          turn,
        ),
    },
  },
  creations: {
    requests: {
      perSecond: REQUESTS,
      next: ({ others }, turn) => ({
        ...{ method: 'POST', path: '/v1/conversations' },
        body: {
          kind: turn % 2 === 0 ? 'group' : 'public',
          name: `${turn}`,
          participants: others.slice(0, 1 + (turn % 200)),
        },
      }),
    },
  },
  'answers unread': {
    unread: ({ cids }, turn) =>
      of([`/v1/conversations/${of(cids, 0)}/messages?limit=200`, '/v1/conversations?limit=200', '/openapi.json'], turn),
  },
  'sockets opened and dropped': {
    visits: { perSecond: REQUESTS, path: ({ token }) => `/ws?token=${token}` },
  },
  'streams opened and dropped': {
    visits: {
      perSecond: REQUESTS,
      path: ({ token, cids }) => `/sse?token=${token}&cid=${of(cids, 0)}&since=0`,
    },
  },
  'tokens and keys that are none': {
    requests: {
      perSecond: REQUESTS,
      next: (_, turn) => ({
        ...{ method: 'GET', path: '/v1/conversations' },
        headers:
          turn % 2 === 0
            ? { authorization: `Bearer ${'x'.repeat(8_000)}` }
            : { authorization: '', 'x-api-key': `mk_${turn}`, 'x-on-behalf-of': `ext:${turn}` },
      }),
    },
  },
  devices: {
    requests: { perSecond: REQUESTS, next: (_, turn) => ({ method: 'DELETE', path: `/v1/devices/made-up-${turn}` }) },
  },
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof BEHAVIOURS;
