/** Those who have a token, and break or stretch the protocol below the frames. */
import { setImmediate as turn } from 'node:timers/promises';
import { CLOSE, LIMITS, RATE_PROFILES } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closePayload, frameBytes, OPCODES, RawSocket } from '../support/raw-socket.ts';
import { newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { Bystanders } from './bystanders.ts';

let system: System;
let room: Room<'ann' | 'bob' | 'mallory'>;
let port: number;

beforeAll(async () => {
  const { framesPerConnection } = RATE_PROFILES.production;
  system = await startSystem({ gateways: 1, limits: { ...RATE_PROFILES.load, framesPerConnection } });
  room = await newRoom(system, 'ann', 'bob', 'mallory');
  port = Number(new URL(system.ws()).port);
});
afterAll(() => system.stop());

/** Of a user of its own: who floods stays out for a moment. */
async function intrude(): Promise<RawSocket> {
  const { token } = await room.tenant.user(`mallory-${crypto.randomUUID()}`);
  const raw = await RawSocket.upgrade(port, `/ws?token=${token}`);
  await raw.until('ready', () => raw.received.length > 0);
  return raw;
}

/** Writes the same again and again, as far as it is taken, until the connection ends. */
async function flood(raw: RawSocket, bytes: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times && !raw.isOver; i += 1) {
    raw.write(bytes);
    if (i % 20 === 0) await turn();
  }
}

const hello = { opcode: OPCODES.text, payload: '{"t":"ping","at":1}' };
const bomb = Buffer.from('789ced', 'hex');

/** What is written, how often, and with which code it ends. */
const attacks: readonly (readonly [name: string, bytes: Buffer, times: number, code: number])[] = [
  ['pings without end', frameBytes({ opcode: OPCODES.ping, payload: 'x'.repeat(100) }), 20_000, CLOSE.flooding],
  ['pongs without end', frameBytes({ opcode: OPCODES.pong, payload: 'x'.repeat(100) }), 20_000, CLOSE.flooding],
  ['frames that are not masked', frameBytes({ ...hello, masked: false }), 1, 1002],
  ['a frame in fragments without end', fragment('x'.repeat(1_000)), 1_000, 1002],
  ['empty fragments by the thousand', Buffer.concat([start(), ...range(1, 5_000).map(() => rest(''))]), 1, 1008],
  [
    'a frame that never ends',
    Buffer.concat([start(), ...range(1, 100).map(() => rest('x'.repeat(1_000)))]),
    1,
    CLOSE.tooLarge,
  ],
  ['a length of 2^63', frameBytes({ ...hello, length: 2n ** 63n }), 1, CLOSE.tooLarge],
  ['text that is not UTF-8', frameBytes({ opcode: OPCODES.text, payload: Buffer.from('ff', 'hex') }), 1, 1007],
  ['reserved bits', frameBytes({ ...hello, rsv: 7 }), 1, 1002],
  [
    'a compression bomb',
    frameBytes({ opcode: OPCODES.text, payload: Buffer.concat([bomb, Buffer.alloc(60_000)]), rsv: 4 }),
    1,
    1002,
  ],
  [
    'closes without end',
    frameBytes({ opcode: OPCODES.close, payload: closePayload(CLOSE.normal) }),
    2_000,
    CLOSE.normal,
  ],
  ['a close with a code that is none', frameBytes({ opcode: OPCODES.close, payload: closePayload(1006) }), 1, 1002],
];

function start(): Buffer {
  return frameBytes({ opcode: OPCODES.text, payload: '', fin: false });
}
function rest(payload: string): Buffer {
  return frameBytes({ opcode: OPCODES.continuation, payload, fin: false });
}
/** A first fragment; the same once more has no place inside the first. */
function fragment(payload: string): Buffer {
  return frameBytes({ opcode: OPCODES.text, payload, fin: false });
}

test.each(attacks)('[LAG-5] [LIM-7] [ERR-2] %s: it ends, and nobody else waits', async (_, bytes, times, code) => {
  const bystanders = await Bystanders.come(system, room);
  const intruders = await Promise.all(range(1, 3).map(intrude));
  const attack = Promise.all(intruders.map((raw) => flood(raw, bytes, times)));
  expect(await bystanders.complaints()).toEqual([]);
  await attack;
  await Promise.all(intruders.map((raw) => raw.until('the end', () => raw.isOver)));
  expect(intruders.map((raw) => raw.code)).toEqual(intruders.map(() => code));
  for (const raw of intruders) raw.cut();
});

test('[LAG-4] [LAG-5] who closes and stays is cut off', async () => {
  const raw = await intrude();
  raw.send({ opcode: OPCODES.text, payload: 'x'.repeat(LIMITS.frameBytes + 1) });
  await raw.until('the close frame', () => raw.isOver);
  // No answer to the close: the server does not wait for ever.
  await raw.ended;
  expect(raw.code).toBe(CLOSE.tooLarge);
});
