import { LIMITS } from '../../src/wire/limits.ts';
import { ALICE, AT, BOB, CID, CID2, MID, send } from './samples.ts';

/** Frames that a server accepts, as they are. */
export const valid: Record<string, object> = {
  auth: { t: 'auth', jwt: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln' },
  'auth that asks for inbox frames': { t: 'auth', jwt: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln', inbox: true },
  'join, live only': { t: 'join', cid: CID },
  'join from the beginning': { t: 'join', cid: CID, since: 0 },
  'join with every cursor': { t: 'join', cid: CID, since: 41, rev: 3, epoch: 1 },
  'join to be answered': { t: 'join', cid: CID, ref: 'r1' },
  'resume of nothing': { t: 'resume', pos: {} },
  'resume of two': { t: 'resume', pos: { [CID]: [41, 3], [CID2]: [0, 0, 2] } },
  leave: { t: 'leave', cid: CID },
  'leave to be answered': { t: 'leave', cid: CID, ref: 'r1' },
  'send with what it needs': send,
  'send with everything': { ...send, body: { text: '**hi**', format: 'markdown' }, replyTo: 7, threadRoot: 3, showInChannel: true, expiresIn: 60, expiresAfterRead: 30, ref: 'r1' },
  'send of a kind the schema does not know': { ...send, kind: 'x-poem', body: { lines: ['a', 'b'], n: 1.5, ok: null } },
  'send of the largest numbers': { ...send, at: Number.MAX_SAFE_INTEGER, replyTo: Number.MAX_SAFE_INTEGER },
  'send with a client id of 64': { ...send, clientId: 'c'.repeat(64) },
  edit: { t: 'edit', cid: CID, seq: 42, body: { text: 'better' }, ref: 'r2' },
  recall: { t: 'recall', cid: CID, seq: 42, ref: 'r3' },
  'react on': { t: 'react', cid: CID, seq: 42, emoji: '👩‍🚀', on: true, ref: 'r4' },
  'react off': { t: 'react', cid: CID, seq: 42, emoji: ':party_parrot:', on: false, ref: 'r5' },
  ack: { t: 'ack', cid: CID, pos: 42 },
  'ack of nothing': { t: 'ack', cid: CID, pos: 0 },
  'ack to be answered': { t: 'ack', cid: CID, pos: 42, ref: 'r6' },
  read: { t: 'read', cid: CID, pos: 42 },
  'read to be answered': { t: 'read', cid: CID, pos: 42, ref: 'r'.repeat(64) },
  'typing on': { t: 'typing', cid: CID, on: true },
  'typing off': { t: 'typing', cid: CID, on: false },
  'presence away': { t: 'presence', state: 'away' },
  'presence online': { t: 'presence', state: 'online' },
  watch: { t: 'watch', users: [ALICE, BOB] },
  unwatch: { t: 'unwatch', users: [BOB] },
  call: { t: 'call', op: 'devices.list', ref: 'r7' },
  'call with arguments': { t: 'call', op: 'devices.revoke', ref: 'r8', args: { clientId: 'phone' } },
  'call in a conversation': { t: 'call', op: 'conversations.read', ref: 'r9', cid: CID, args: { pos: 42 } },
  ping: { t: 'ping', at: AT },
};

/** JSON texts that a server accepts although they are not in the usual form, and what it reads. */
export const tolerated: Record<string, { json: string; frame: object }> = {
  'unknown field': { json: '{"t":"ping","at":1,"battery":0.5}', frame: { t: 'ping', at: 1 } },
  'unknown field that looks dangerous': { json: '{"t":"ping","at":1,"__proto__":{"x":1}}', frame: { t: 'ping', at: 1 } },
  'upper-case UUID': { json: `{"t":"leave","cid":"${CID.toUpperCase()}"}`, frame: { t: 'leave', cid: CID } },
  'upper-case UUID as a key': {
    json: `{"t":"resume","pos":{"${CID.toUpperCase()}":[1,2]}}`,
    frame: { t: 'resume', pos: { [CID]: [1, 2] } },
  },
  'white space and another order': { json: ' {\n"at" : 1 ,\t"t":"ping"} ', frame: { t: 'ping', at: 1 } },
  'escapes in names': { json: '{"\\u0074":"ping","at":1}', frame: { t: 'ping', at: 1 } },
  'a number written with an exponent': { json: '{"t":"ping","at":1e3}', frame: { t: 'ping', at: 1000 } },
  'the last of two equal names': { json: '{"t":"ping","at":1,"at":2}', frame: { t: 'ping', at: 2 } },
};

/** What a server refuses: the code, and the paths that the refusal names. */
export interface Refused {
  readonly code: 'bad_frame';
  readonly paths: readonly string[];
}
const refused = (...paths: string[]): Refused => ({ code: 'bad_frame', paths });

const without = (frame: object, field: string) =>
  Object.fromEntries(Object.entries(frame).filter(([name]) => name !== field));

const nested = (depth: number): object => (depth === 0 ? {} : { deeper: nested(depth - 1) });

const tooManyCids = Object.fromEntries(
  Array.from({ length: LIMITS.resumeConversations + 1 }, (_, i) => [
    `00000000-0000-4000-8000-${i.toString().padStart(12, '0')}`,
    [0, 0],
  ]),
);

/** Well-formed values in the wrong shape; they are refused in both encodings alike. */
export const wrongShape: Record<string, { frame: unknown } & Refused> = {
  'not an object: array': { frame: [], ...refused('') },
  'not an object: null': { frame: null, ...refused('') },
  'not an object: string': { frame: 'ping', ...refused('') },
  'no type': { frame: { at: 1 }, ...refused('t') },
  'unknown type': { frame: { t: 'teleport' }, ...refused('t') },
  'type of the other direction': { frame: { t: 'message', cid: CID }, ...refused('t') },
  'type in the wrong case': { frame: { t: 'Ping', at: 1 }, ...refused('t') },
  'type that is not a string': { frame: { t: 7 }, ...refused('t') },
  'auth without token': { frame: { t: 'auth' }, ...refused('jwt') },
  'auth with an empty token': { frame: { t: 'auth', jwt: '' }, ...refused('jwt') },
  'auth with a token of 12,289': { frame: { t: 'auth', jwt: 'j'.repeat(12_289) }, ...refused('jwt') },
  'join without cid': { frame: { t: 'join' }, ...refused('cid') },
  'join with a cid that is no UUID': { frame: { t: 'join', cid: 'general' }, ...refused('cid') },
  'join before the beginning': { frame: { t: 'join', cid: CID, since: -1 }, ...refused('since') },
  'join at half a message': { frame: { t: 'join', cid: CID, since: 1.5 }, ...refused('since') },
  'join with a number in a string': { frame: { t: 'join', cid: CID, since: '1' }, ...refused('since') },
  'join with null for absent': { frame: { t: 'join', cid: CID, since: null }, ...refused('since') },
  'join beyond exact integers': { frame: { t: 'join', cid: CID, since: 2 ** 53 }, ...refused('since') },
  'join with several wrong fields': {
    frame: { t: 'join', cid: 5, since: -1, rev: 'x', epoch: -2 },
    ...refused('cid', 'since', 'rev', 'epoch'),
  },
  'resume without positions': { frame: { t: 'resume' }, ...refused('pos') },
  'resume with a key that is no UUID': { frame: { t: 'resume', pos: { general: [0, 0] } }, ...refused('pos.general') },
  'resume without rev': { frame: { t: 'resume', pos: { [CID]: [1] } }, ...refused(`pos.${CID}`) },
  'resume with four numbers': { frame: { t: 'resume', pos: { [CID]: [1, 2, 3, 4] } }, ...refused(`pos.${CID}`) },
  'resume with a negative rev': { frame: { t: 'resume', pos: { [CID]: [1, -2] } }, ...refused(`pos.${CID}.1`) },
  'resume of 501': { frame: { t: 'resume', pos: tooManyCids }, ...refused('pos') },
  'leave without cid': { frame: { t: 'leave' }, ...refused('cid') },
  'send without mid': { frame: without(send, 'mid'), ...refused('mid') },
  'send with a lower-case mid': { frame: { ...send, mid: MID.toLowerCase() }, ...refused('mid') },
  'send with an empty client id': { frame: { ...send, clientId: '' }, ...refused('clientId') },
  'send with a client id of 65': { frame: { ...send, clientId: 'c'.repeat(65) }, ...refused('clientId') },
  'send without time': { frame: without(send, 'at'), ...refused('at') },
  'send with an empty kind': { frame: { ...send, kind: '' }, ...refused('kind') },
  'send with a list as body': { frame: { ...send, body: [] }, ...refused('body') },
  'send with a text as body': { frame: { ...send, body: 'hello' }, ...refused('body') },
  'send with a body 33 deep': { frame: { ...send, body: nested(LIMITS.bodyDepth) }, ...refused('body') },
  'send in reply to nothing': { frame: { ...send, replyTo: 0 }, ...refused('replyTo') },
  'send with an empty ref': { frame: { ...send, ref: '' }, ...refused('ref') },
  'edit without ref': { frame: { t: 'edit', cid: CID, seq: 1, body: {} }, ...refused('ref') },
  'recall of message 0': { frame: { t: 'recall', cid: CID, seq: 0, ref: 'r' }, ...refused('seq') },
  'react without a word on or off': { frame: { t: 'react', cid: CID, seq: 1, emoji: ':party_parrot:', ref: 'r' }, ...refused('on') },
  'react with an empty emoji': { frame: { t: 'react', cid: CID, seq: 1, emoji: '', on: true, ref: 'r' }, ...refused('emoji') },
  'ack without position': { frame: { t: 'ack', cid: CID }, ...refused('pos') },
  'read with a ref of 65': { frame: { t: 'read', cid: CID, pos: 1, ref: 'r'.repeat(65) }, ...refused('ref') },
  'leave with a number as ref': { frame: { t: 'leave', cid: CID, ref: 1 }, ...refused('ref') },
  'read behind the beginning': { frame: { t: 'read', cid: CID, pos: -1 }, ...refused('pos') },
  'typing with 1 for true': { frame: { t: 'typing', cid: CID, on: 1 }, ...refused('on') },
  'presence that others choose': { frame: { t: 'presence', state: 'offline' }, ...refused('state') },
  'watch of nobody': { frame: { t: 'watch', users: [] }, ...refused('users') },
  'watch of a name': { frame: { t: 'watch', users: [ALICE, 'bob'] }, ...refused('users.1') },
  'watch of 501': { frame: { t: 'watch', users: Array.from({ length: LIMITS.watchedUsers + 1 }, () => BOB) }, ...refused('users') },
  'unwatch without users': { frame: { t: 'unwatch' }, ...refused('users') },
  'call without ref': { frame: { t: 'call', op: 'devices.list' }, ...refused('ref') },
  'call of nothing': { frame: { t: 'call', op: '', ref: 'r' }, ...refused('op') },
  'call of a path': { frame: { t: 'call', op: '/v1/devices', ref: 'r' }, ...refused('op') },
  'call with a list of arguments': { frame: { t: 'call', op: 'devices.list', ref: 'r', args: [] }, ...refused('args') },
  'call with arguments 33 deep': { frame: { t: 'call', op: 'devices.list', ref: 'r', args: nested(LIMITS.bodyDepth) }, ...refused('args') },
  'ping without time': { frame: { t: 'ping' }, ...refused('at') },
};

/** JSON texts that do not parse. */
export const notJson: Record<string, string> = {
  empty: '',
  'cut off': '{"t":"ping"',
  'two frames in one': '{"t":"ping","at":1}{"t":"ping","at":2}',
  'comma at the end': '{"t":"ping","at":1,}',
  'single quotes': "{'t':'ping','at':1}",
  'not a number': '{"t":"ping","at":NaN}',
  'raw line feed in a string': '{"t":"auth","jwt":"a\nb"}',
  'raw NUL in a string': '{"t":"auth","jwt":"a\u0000b"}',
  'half an escape': '{"t":"auth","jwt":"\\ud8"}',
  text: 'hello',
};

/** MessagePack bytes, in hex, that do not decode or hold types that frames do not use. */
export const notMsgpack: Record<string, string> = {
  empty: '',
  'cut off': '82a174a470696e67a26174',
  'bytes after the frame': '82a174a470696e67a2617401c0',
  'reserved byte': 'c1',
  'binary where a string is due': '82a174c40470696e67a2617401',
  'extension type': '82a174a470696e67a26174d6ff00000001',
  'map that claims 2^32 - 1 entries': 'dfffffffff',
  'array that claims 2^32 - 1 entries': 'ddffffffff',
};
