import { Writable } from 'node:stream';
import { VirtualClock } from '@messagecore/kernel';
import { CLOSE, type CloseCode, type DownFrame, LIMITS } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import type { Frames } from './block.ts';
import { CUT_BYTES } from './sink.ts';
import { StreamSink } from './stream-sink.ts';
import { FlushScheduler } from './flush-scheduler.ts';

const cid = '018f2a60-7c1e-7cc0-8000-000000000001';

/** A peer whose reading is up to the test. */
class Peer extends Writable {
  readonly writes: Buffer[] = [];
  #release: (() => void) | undefined;
  #reads = true;

  constructor() {
    super({ highWaterMark: 1_024 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk);
    if (this.#reads) done();
    else this.#release = done;
  }

  stopReading(): void {
    this.#reads = false;
  }

  read(): void {
    this.#reads = true;
    this.#release?.();
  }
}

class TestSink extends StreamSink<Peer> {
  readonly received = undefined;
  ended: { code: CloseCode; reason: string } | undefined;
  protected readonly writable = true;

  ping(): void {
    this.push(Buffer.from('?'));
  }

  protected encodeFrames(frames: Frames): Uint8Array {
    return frames.text;
  }

  protected encodeFrame(frame: DownFrame): Uint8Array {
    return Buffer.from(JSON.stringify(frame));
  }

  protected end(code: CloseCode, reason: string): void {
    this.ended = { code, reason };
  }
}

const turnOver = () => new Promise<void>((resolve) => void setImmediate(() => setImmediate(resolve)));
const pong = (at: number) => ({ t: 'pong', at }) as const;

function open() {
  const peer = new Peer();
  const sink = new TestSink(peer, new FlushScheduler());
  return { peer, sink };
}

/** Frames of a size. */
const large = (bytes: number): Frames => ({
  cid,
  count: 1,
  text: Buffer.alloc(bytes, 'x'),
  binary: Buffer.alloc(0),
  each: () => {},
});

test('what can wait leaves with the next write, in its order, or by itself a little later', async () => {
  const peer = new Peer();
  const clock = new VirtualClock();
  const sink = new TestSink(peer, new FlushScheduler(setImmediate, (run, ms) => clock.setTimeout(run, ms)));
  sink.sendPatiently(pong(1));
  sink.sendPatiently(pong(2));
  await turnOver();
  expect(peer.writes).toEqual([]);
  sink.send(pong(3));
  await turnOver();
  expect(peer.writes.map(String)).toEqual(['{"t":"pong","at":1}{"t":"pong","at":2}{"t":"pong","at":3}']);
  clock.advance(100);
  expect(peer.writes).toHaveLength(1);

  sink.sendPatiently(pong(4));
  clock.advance(24);
  expect(peer.writes).toHaveLength(1);
  clock.advance(1);
  expect(peer.writes.map(String).slice(1)).toEqual(['{"t":"pong","at":4}']);

  sink.sendPatiently(pong(5));
  sink.close(CLOSE.goingAway, 'bye');
  expect(peer.writes.map(String).slice(2)).toEqual(['{"t":"pong","at":5}']);
});

test('what one turn hands over leaves as one write, in order', async () => {
  const { peer, sink } = open();
  for (const at of [1, 2, 3]) sink.send(pong(at));
  expect(peer.writes).toEqual([]);
  await turnOver();
  expect(peer.writes.map(String)).toEqual(['{"t":"pong","at":1}{"t":"pong","at":2}{"t":"pong","at":3}']);
  sink.ping();
  await turnOver();
  expect(peer.writes).toHaveLength(2);
});

test('a lone buffer is written as it is, not copied', async () => {
  const { peer, sink } = open();
  const frames = large(10);
  sink.deliver(frames);
  await turnOver();
  expect(peer.writes[0]).toBe(frames.text);
});

test('[LAG-1] room frames are refused while more than the limit waits, own frames are not', async () => {
  const { peer, sink } = open();
  peer.stopReading();
  expect(sink.deliver(large(LIMITS.lagBytes))).toBe(true);
  expect(sink.deliver(large(1))).toBe(true);
  expect(sink.deliver(large(1))).toBe(false);
  await turnOver();
  expect(sink.buffered).toBe(LIMITS.lagBytes + 1);
  expect(sink.deliver(large(1))).toBe(false);
  sink.send(pong(1));
  expect(sink.buffered).toBeGreaterThan(LIMITS.lagBytes + 1);
  expect(sink.ended).toBeUndefined();
});

test('[LAG-4] a peer that never reads is cut, and nothing is kept for it from then on', () => {
  const { peer, sink } = open();
  peer.stopReading();
  const answer = { t: 'error', code: 'bad_frame', msg: 'x'.repeat(1_000) } as const;
  for (let sent = 0; sent < 3 * (CUT_BYTES / 1_000); sent += 1) sink.send(answer);
  expect(sink.ended).toEqual({ code: CLOSE.tooFarBehind, reason: 'never reads' });
  const { buffered } = sink;
  expect(buffered).toBeLessThan(CUT_BYTES + 2_000);
  sink.send(answer);
  sink.deliver(large(100));
  expect(sink.buffered).toBe(buffered);
});

test('onDrained calls once, when all has been taken', async () => {
  const { peer, sink } = open();
  peer.stopReading();
  sink.deliver(large(10_000));
  let drained = 0;
  sink.onDrained(() => (drained += 1));
  await turnOver();
  expect(drained).toBe(0);
  peer.read();
  await turnOver();
  expect(drained).toBe(1);
  expect(sink.buffered).toBe(0);
  sink.onDrained(() => (drained += 10));
  await turnOver();
  expect(drained).toBe(11);
});

test('close comes after what was handed over before', () => {
  const { peer, sink } = open();
  sink.send(pong(1));
  sink.close(CLOSE.restart, 'restart');
  sink.send(pong(2));
  sink.close(CLOSE.normal, 'again');
  expect(peer.writes.map(String)).toEqual(['{"t":"pong","at":1}']);
  expect(sink.ended).toEqual({ code: CLOSE.restart, reason: 'restart' });
});

test('a reader that does not read is waited for once, however much is written meanwhile', async () => {
  const { peer, sink } = open();
  let drained = 0;
  peer.stopReading();
  sink.deliver(large(4_096));
  for (let turn = 0; turn < 20; turn += 1) {
    sink.onDrained(() => (drained += 1));
    sink.send(pong(turn));
    await turnOver();
  }
  expect(peer.listenerCount('drain')).toBe(1);
  peer.read();
  await turnOver();
  expect([drained, peer.listenerCount('drain')]).toEqual([1, 0]);
});
