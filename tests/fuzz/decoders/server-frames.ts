/** What the SDK reads: frames in both encodings, and event streams. */
import { VirtualClock } from '@messagecore/kernel';
import type { Encoding } from '@messagecore/protocol';
import { createClient } from '@messagecore/sdk';
import fc from 'fast-check';
import { loadCodec } from '../../../libs/sdk-js/src/transport/codec.ts';
import { readEventStream } from '../../../libs/sdk-js/src/transport/event-stream.ts';
import { mutated } from '../inputs/mutated.ts';
import { jsonBytes, toJson, toMsgpack, type Tree } from '../inputs/tree.ts';
import { ACCEPTED, hold, type Target } from '../target.ts';
import { downFrames } from './examples.ts';
import { type LiveSocket, socketClass } from './live-socket.ts';

/** Frames that may follow each other, as a list. */
const talks = fc.sample(fc.array(fc.constantFrom(...downFrames), { minLength: 1, maxLength: 4 }), {
  numRuns: 200,
  seed: 1,
});
const partsOf = (tree: Tree) => (tree.kind === 'list' ? tree.items : [tree]);

function frames(encoding: Encoding): Target {
  return {
    name: `frames of servers, ${encoding}`,
    inputs: mutated({ examples: downFrames, write: encoding === 'json' ? jsonBytes : toMsgpack }),
    async check(input) {
      const { decode } = await loadCodec(encoding);
      try {
        const frame = decode(encoding === 'json' ? input.toString() : new Uint8Array(input).buffer);
        hold(typeof frame.t === 'string', 'a frame without a type');
        return ACCEPTED;
      } catch (error) {
        hold(error instanceof Error && error.name !== 'Violation', String(error));
        return 'connection ended';
      }
    },
  };
}

const READY = downFrames.find(({ t }) => t === 'ready');

/** A whole client: whatever it is told, it throws nothing at its program, passes over what it cannot read, and goes on. */
const wholeClient: Target = {
  name: 'a client and its server',
  inputs: mutated({ examples: talks, write: (tree) => Buffer.from(partsOf(tree).map(toJson).join('\n')) }),
  async check(input) {
    const sockets: LiveSocket[] = [];
    const client = createClient({
      url: 'ws://gateway/ws',
      api: 'http://api',
      clientId: 'fuzz',
      clock: new VirtualClock(),
      token: () => Promise.resolve('a.b.c'),
      WebSocket: socketClass(sockets),
      transport: 'ws',
    });
    let passedOver = 0;
    client.on('warning', () => (passedOver += 1));
    client.connect();
    for (let turn = 0; sockets.length === 0 && turn < 20; turn += 1) await Promise.resolve();
    const [socket] = sockets;
    hold(socket !== undefined, 'the client opens no connection');
    socket.emit('open', {});
    socket.emit('message', { data: JSON.stringify(READY) });
    client.join(String(downFrames.find(({ t }) => t === 'joined')?.['cid']), { since: 0 });
    for (const data of input.toString().split('\n')) socket.emit('message', { data });
    const { phase } = client.state;
    // Receipts and joins that are due in this turn.
    await Promise.resolve();
    client.close();
    hold(['online', 'waiting', 'connecting', 'stopped'].includes(phase), `the client is ${phase}`);
    if (phase !== 'online') return 'connection ended';
    return passedOver === 0 ? ACCEPTED : 'passed over';
  },
};

const asEvents = (tree: Tree) =>
  Buffer.from(
    partsOf(tree)
      .map((part, at) => `event: message\nid: ${at}\ndata: ${toJson(part)}\n\n`)
      .join(''),
  );

const eventStreams: Target = {
  name: 'event streams',
  inputs: mutated({ examples: talks, write: asEvents, damaged: 5 }),
  async check(input) {
    let events = 0;
    const whole = new Uint8Array(input);
    const chunks = [whole.subarray(0, whole.length >> 1), whole.subarray(whole.length >> 1)];
    for await (const found of readEventStream(ReadableStream.from<Uint8Array<ArrayBuffer>>(chunks))) {
      hold(found === undefined || !found.includes('\r\n'), 'data that holds a border of lines');
      events += 1;
    }
    return events > 0 ? ACCEPTED : 'nothing';
  },
};

export const serverFrames: readonly Target[] = [frames('json'), frames('msgpack'), wholeClient, eventStreams];
