import { encodeFrame } from '../../src/wire/codec.ts';
import type { BatchHeader } from '../../src/bus/envelope.ts';
import { CID, message, TID } from './samples.ts';

const frame = (t: 'message' | 'update', seq: number, rev: number, text: string) =>
  encodeFrame({ t, ...message, seq, rev, body: { text } }, 'json');

const header = (type: BatchHeader['type'], first: number, last: number, count: number): BatchHeader => ({
  v: 1,
  type,
  tid: TID,
  cid: CID,
  first,
  last,
  count,
});

/** Batches as published on the bus: the header, and the frames as JSON texts. */
export const batches: Record<string, { header: BatchHeader; frames: readonly string[] }> = {
  'one message': { header: header('messages', 42, 42, 1), frames: [frame('message', 42, 0, 'hello')] },
  'three messages': {
    header: header('messages', 42, 44, 3),
    frames: [frame('message', 42, 0, 'a'), frame('message', 43, 0, 'b'), frame('message', 44, 0, 'c')],
  },
  'text with line feeds stays on one line': {
    header: header('messages', 45, 45, 1),
    frames: [frame('message', 45, 0, 'first\nsecond\r\nthird\u2028fourth')],
  },
  'text beyond ASCII': { header: header('messages', 46, 46, 1), frames: [frame('message', 46, 0, '酒店 👨‍👩‍👧‍👦 \u0000')] },
  'lone surrogate as an escape': { header: header('messages', 47, 47, 1), frames: [frame('message', 47, 0, '\ud83d')] },
  'changes with one superseded': {
    header: header('updates', 5, 7, 2),
    frames: [frame('update', 42, 5, 'better'), frame('update', 43, 7, 'best')],
  },
};

const good = JSON.stringify(header('messages', 1, 1, 1));

/** Payloads that must be refused as a whole: because the header is not JSON, not a header, or counts other frames. */
export const broken: Record<string, { payload: string; because: 'json' | 'header' | 'count' }> = {
  empty: { payload: '', because: 'json' },
  'header that is not JSON': { payload: '{v:1}\n{}', because: 'json' },
  'no header': { payload: '{"t":"message"}', because: 'header' },
  'unknown version': { payload: `${good.replace('"v":1', '"v":2')}\n{}`, because: 'header' },
  'unknown type': { payload: `${good.replace('"messages"', '"poems"')}\n{}`, because: 'header' },
  'header without frames': { payload: good, because: 'count' },
  'fewer frames than the header says': {
    payload: `${JSON.stringify(header('messages', 1, 2, 2))}\n{}`,
    because: 'count',
  },
  'more frames than the header says': { payload: `${good}\n{}\n{}`, because: 'count' },
};
