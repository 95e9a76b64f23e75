import { ALICE, AT, BOB, CID, CID2, message, MID, TID } from './samples.ts';

/** Frames that a client must understand. */
export const valid: Record<string, object> = {
  ready: {
    t: 'ready',
    userId: ALICE,
    serverTs: AT,
    sid: 's-7f3a',
    heartbeatMs: 15_000,
    limits: {
      frameBytes: 65_536,
      textCodePoints: 16_000,
      joinedConversations: 5_000,
      resumeConversations: 500,
      sendsInFlight: 1_024,
      framesPerSecond: 100,
      sendsPerSecond: 30,
    },
  },
  'joined an empty conversation': { t: 'joined', cid: CID, head: 0, rev: 0, epoch: 0, first: 1 },
  'joined a conversation that shows newcomers nothing of the past': {
    t: 'joined',
    cid: CID,
    head: 42,
    rev: 3,
    epoch: 0,
    first: 42,
  },
  'joined with read positions': { t: 'joined', cid: CID, head: 42, rev: 3, epoch: 1, first: 7, reads: { [BOB]: 40 } },
  'gap, expired': { t: 'gap', cid: CID, from: 1, to: 6, reason: 'expired' },
  'gap, erased': { t: 'gap', cid: CID, from: 9, to: 9, reason: 'erased' },
  'gap, restored': { t: 'gap', cid: CID, from: 40, to: 42, reason: 'restored' },
  heads: { t: 'heads', cids: { [CID]: [42, 3], [CID2]: [0, 0] } },
  message: { t: 'message', ...message },
  'message with everything': {
    t: 'message',
    ...message,
    replyTo: 7,
    threadRoot: 3,
    rev: 9,
    edited: true,
    reactions: { '👍': 2, ':party_parrot:': 1 },
  },
  'message that was recalled': { t: 'message', ...message, body: {}, rev: 5, recalled: true },
  'message of a kind from the future': { t: 'message', ...message, kind: 'hologram', body: { frames: [[1, 2], [3]] } },
  'message of the service': { t: 'message', ...message, kind: 'sys', body: { event: 'added', users: [BOB] } },
  'message of the service, for what the back end did': {
    t: 'message',
    ...message,
    from: TID,
    kind: 'sys',
    body: { event: 'renamed', name: 'Plans', by: 'service' },
  },
  update: { t: 'update', ...message, body: { text: 'better' }, rev: 4, edited: true },
  ack: { t: 'ack', cid: CID, pos: 42, mid: MID, at: AT },
  'result of a join or leave': { t: 'result', ref: 'r1', cid: CID },
  'result of a change': { t: 'result', ref: 'r2', cid: CID, rev: 4 },
  'result of a change that changed nothing': { t: 'result', ref: 'r2', cid: CID, rev: 0 },
  'result of an ack': { t: 'result', ref: 'r3', cid: CID, pos: 42 },
  'result of a read': { t: 'result', ref: 'r4', cid: CID, pos: 42, unread: 0 },
  read: { t: 'read', cid: CID, pos: 42, from: BOB },
  typing: { t: 'typing', cid: CID, from: BOB, on: true },
  'presence online': { t: 'presence', user: BOB, state: 'online' },
  'presence offline': { t: 'presence', user: BOB, state: 'offline', lastSeen: AT },
  'conv added': { t: 'conv', cid: CID, event: 'added', users: [ALICE] },
  'conv changed': { t: 'conv', cid: CID, event: 'changed' },
  inbox: { t: 'inbox', cid: CID, head: 42, unread: 2, preview: 'Grüße' },
  'error of a request': { t: 'error', code: 'not_member', msg: 'Not a participant of the conversation', cid: CID },
  'error that passes': { t: 'error', code: 'rate_limited', msg: 'Too many requests', ref: MID, cid: CID, retryAfterMs: 250 },
  'error of a cursor': { t: 'error', code: 'cursor_ahead', msg: 'Beyond the head', cid: CID, head: 42, epoch: 1 },
  bye: { t: 'bye', reason: 'draining', reconnectInMs: 1_850 },
  pong: { t: 'pong', at: AT },
};

/** Frames that a server never sends; each names the path that is wrong. */
export const wrongShape: Record<string, { frame: object; paths: readonly string[] }> = {
  'joined without head': { frame: { t: 'joined', cid: CID, rev: 0, epoch: 0, first: 1 }, paths: ['head'] },
  'message 0': { frame: { t: 'message', ...message, seq: 0 }, paths: ['seq'] },
  'message without rev': { frame: { t: 'message', ...message, rev: undefined }, paths: ['rev'] },
  'message with an emoji nobody chose': { frame: { t: 'message', ...message, reactions: { '👍': 0 } }, paths: ['reactions.👍'] },
  'gap without reason': { frame: { t: 'gap', cid: CID, from: 1, to: 6 }, paths: ['reason'] },
  'ack of nothing': { frame: { t: 'ack', cid: CID, pos: 0, mid: MID, at: AT }, paths: ['pos'] },
  'ack without time': { frame: { t: 'ack', cid: CID, pos: 42, mid: MID }, paths: ['at'] },
  'result of no request': { frame: { t: 'result', cid: CID, rev: 4 }, paths: ['ref'] },
  'error outside the catalogue': { frame: { t: 'error', code: 'oops', msg: 'x' }, paths: ['code'] },
  'bye that asks for the past': { frame: { t: 'bye', reason: 'draining', reconnectInMs: -1 }, paths: ['reconnectInMs'] },
};

/** What a newer server might send: a client of this version reads the known part, or ignores the frame. */
export const future: Record<string, { json: string; read: object | null }> = {
  'unknown field': { json: `{"t":"pong","at":${AT},"node":"eu-1"}`, read: { t: 'pong', at: AT } },
  'unknown type': { json: '{"t":"hologram","cid":"x"}', read: null },
};
