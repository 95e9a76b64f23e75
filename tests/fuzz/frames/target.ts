import { setImmediate as turn } from 'node:timers/promises';
import {
  CLOSE,
  DownFrame,
  type Encoding,
  encodeFrame,
  decodeDown,
  SUBPROTOCOLS,
  type UpFrame,
} from '@messagecore/protocol';
import { newMid, pickInt, seededRandom } from '@messagecore/testkit';
import fc from 'fast-check';
import { frameBytes, OPCODES, RawSocket } from '../../support/raw-socket.ts';
import { ids, upFrames } from '../decoders/examples.ts';
import { damage, DAMAGES, INSERTED } from '../inputs/bytes.ts';
import { mutated } from '../inputs/mutated.ts';
import { jsonBytes, toMsgpack } from '../inputs/tree.ts';
import { hold, type Target, Violation } from '../target.ts';

/** Where the frames go. */
export interface Arena {
  readonly port: number;
  /** Of somebody who takes part in `cid` and not in `foreign`. */
  readonly token: string;
  readonly cid: string;
  readonly foreign: string;
  readonly userId: string;
  /** What no frame may hold. */
  readonly secret: string;
  readonly onFrame: () => void;
}

/** A connection's whole life: what it sends, and how that is cut up. */
interface Burst {
  readonly encoding: Encoding;
  readonly frames: readonly Buffer[];
  /** Draws where messages become fragments and bytes become packets. */
  readonly cuts: number;
  /** Damaged below the messages: lengths, opcodes, masks. */
  readonly broken: boolean;
}

const LANES = 12;
const SLOW_MS = 15_000;
/** How long a connection may be silent whose last bytes may have promised more. */
const SILENCE_MS = 150;
/** Fewer than what closes a connection for being malformed, so that nearly every frame is read. */
const FRAMES = { minLength: 4, maxLength: 18 };

/** Bursts of frames over connections of their own, beside others who behave. */
export function framesTarget(arena: Arena): Target {
  return {
    name: 'frames over sockets',
    network: { lanes: LANES, slowMs: SLOW_MS },
    inputs: fc.oneof(bursts('json'), bursts('msgpack')).map(writeBurst),
    check: (input) => judge(arena, readBurst(input)),
  };
}

function bursts(encoding: Encoding): fc.Arbitrary<Burst> {
  const frame = mutated({
    examples: upFrames.filter(({ t }) => t !== 'auth'),
    write: encoding === 'json' ? jsonBytes : toMsgpack,
  });
  return fc.record({
    encoding: fc.constant(encoding),
    frames: fc.array(frame, FRAMES),
    cuts: fc.nat(),
    broken: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  });
}

function writeBurst({ encoding, frames, cuts, broken }: Burst): Buffer {
  return Buffer.from(JSON.stringify({ encoding, frames: frames.map((frame) => frame.toString('hex')), cuts, broken }));
}

function readBurst(input: Buffer): Burst {
  const { frames, ...rest } = JSON.parse(input.toString()) as Omit<Burst, 'frames'> & { frames: string[] };
  return { ...rest, frames: frames.map((hex) => Buffer.from(hex, 'hex')) };
}

async function judge(arena: Arena, burst: Burst): Promise<string> {
  const { encoding, frames, broken, cuts } = burst;
  const random = seededRandom(cuts);
  const path = `/ws?token=${encodeURIComponent(arena.token)}`;
  const raw = await RawSocket.upgrade(arena.port, path, { 'Sec-WebSocket-Protocol': SUBPROTOCOLS[encoding] });
  try {
    await raw.until('ready', () => raw.received.length > 0);
    const mid = newMid();
    let bytes: Buffer = Buffer.concat(frames.map((frame) => fragmented(realised(frame, arena, mid), encoding, random)));
    if (broken) {
      const how = DAMAGES[pickInt(random, 0, DAMAGES.length - 1)]!;
      const inserted = INSERTED[pickInt(random, 0, INSERTED.length - 1)]!;
      bytes = damage(bytes, { how, at: pickInt(random, 0, bytes.length), bytes: inserted });
    }
    const ping: UpFrame = { t: 'ping', at: 7_777_777 };
    await inPackets(
      raw,
      Buffer.concat([bytes, fragmented(Buffer.from(encodeFrame(ping, encoding)), encoding, random)]),
      random,
    );
    for (const _ of frames) arena.onFrame();
    return await findings(raw, burst, arena);
  } finally {
    raw.cut();
  }
}

/** Waits for the answer to the last frame, or the end, and holds everything that came to the contract. */
async function findings(raw: RawSocket, { encoding, broken }: Burst, { secret }: Arena): Promise<string> {
  const seen: DownFrame[] = [];
  let looked = 0;
  const look = (): boolean => {
    for (; looked < raw.received.length; looked += 1) {
      const { opcode, payload } = raw.received[looked]!;
      if (opcode > OPCODES.binary) continue;
      hold(!payload.includes(secret), 'a foreign secret');
      hold(opcode === (encoding === 'json' ? OPCODES.text : OPCODES.binary), `a message with opcode ${opcode}`);
      const parsed = DownFrame.safeParse(decodeDown(encoding === 'json' ? payload.toString() : payload, encoding));
      hold(parsed.success, `no frame of the contract: ${payload.toString().slice(0, 300)}`);
      seen.push(parsed.data);
    }
    return seen.some((frame) => frame.t === 'pong' && frame.at === 7_777_777) || raw.isOver;
  };
  const patience = broken ? SILENCE_MS : SLOW_MS;
  const answered = await raw.until('the last pong, or the end', look, patience).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Violation) throw error;
      return false;
    },
  );
  hold(answered || broken, `no answer and no end: ${JSON.stringify(seen.at(-1) ?? null).slice(0, 300)}`);
  for (const frame of seen)
    hold(frame.t !== 'error' || frame.code !== 'internal', `internal: ${JSON.stringify(frame)}`);
  if (!raw.isOver) return answered ? 'accepted' : 'waits for more';
  const { code } = raw;
  hold(code === undefined ? broken : CODES.has(code), `closed with ${code}`);
  return `closed ${code}`;
}

const CODES = new Set<number>([...Object.values(CLOSE), 1002, 1007, 1008]);

/** The ids of the examples become those of the arena, which are as long. */
function realised(frame: Buffer, { cid, foreign, userId }: Arena, mid: string): Buffer {
  const [exampleCid, otherCid] = ids.cid.good as [string, string];
  const swaps: readonly (readonly [string, string])[] = [
    [exampleCid, cid],
    [otherCid, foreign],
    ['1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9', userId],
    [ids.mid.good[0]!, mid],
  ];
  return swaps.reduce((bytes, [from, to]) => {
    const at = bytes.indexOf(from);
    return at === -1
      ? bytes
      : Buffer.concat([bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + from.length)]);
  }, frame);
}

/** One message in up to four frames, some of them empty, with a ping or pong between them now and then. */
function fragmented(message: Buffer, encoding: Encoding, random: () => number): Buffer {
  const text = encoding === 'json' && isUtf8(message);
  const opcode = text ? OPCODES.text : OPCODES.binary;
  const count = random() < 0.7 ? 1 : pickInt(random, 2, 4);
  const places = Array.from({ length: count - 1 }, () => pickInt(random, 0, message.length)).sort((a, b) => a - b);
  const parts = [0, ...places].map((from, at) => message.subarray(from, places[at] ?? message.length));
  return Buffer.concat(
    parts.flatMap((payload, at) => {
      const frame = frameBytes({
        opcode: at === 0 ? opcode : OPCODES.continuation,
        payload,
        fin: at === parts.length - 1,
      });
      const control = pickInt(random, OPCODES.ping, OPCODES.pong);
      return random() < 0.05
        ? [frame, frameBytes({ opcode: control, payload: 'x'.repeat(pickInt(random, 0, 125)) })]
        : [frame];
    }),
  );
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

/** All at once, or in pieces that arrive one after the other. */
async function inPackets(raw: RawSocket, bytes: Buffer, random: () => number): Promise<void> {
  const packets = random() < 0.6 ? 1 : pickInt(random, 2, 12);
  const size = Math.ceil(bytes.length / packets);
  for (let at = 0; at < bytes.length; at += size) {
    raw.write(bytes.subarray(at, at + size));
    if (packets > 1) await turn();
  }
}
