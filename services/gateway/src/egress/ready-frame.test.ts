import { encodeFrame } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { payloadStart } from './framing.ts';
import { ReadyFrame } from './ready-frame.ts';

const frame = { t: 'event', event: 'weather.changed', data: { rain: null, at: ['hier', 'là'] } };
const payloadOf = (bytes: Uint8Array) => bytes.subarray(payloadStart(bytes, 0));

test('the JSON is passed on byte for byte, and MessagePack says the same', () => {
  const json = JSON.stringify(frame, null, 1);
  const ready = new ReadyFrame('event', '', Buffer.from(json));
  expect(Buffer.from(payloadOf(ready.text)).toString()).toBe(json);
  expect(payloadOf(ready.binary)).toEqual(Buffer.from(encodeFrame(frame as never, 'msgpack')));
  const seen: unknown[] = [];
  ready.each((bytes, t) => seen.push([Buffer.from(bytes).toString(), t]));
  expect(seen).toEqual([[json, 'event']]);
  expect(ready.failures).toBe(undefined);
});

test('the payload of the bus may be overwritten afterwards', () => {
  const payload = Buffer.from(JSON.stringify(frame));
  const ready = new ReadyFrame('event', '', payload);
  payload.fill(0);
  expect(JSON.parse(Buffer.from(payloadOf(ready.text)).toString())).toEqual(frame);
});

test('what came is passed on to event streams without a look inside', () => {
  const ready = new ReadyFrame('event', 'cid', Buffer.from('no JSON'));
  const seen: unknown[] = [];
  ready.each((bytes, t) => seen.push([Buffer.from(bytes).toString(), t]));
  expect(seen).toEqual([['no JSON', 'event']]);
  expect(ready.binary.length).toBe(0);
  expect(ready.failures).toMatchObject([{ cid: 'cid', t: 'event' }]);
});
