import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameBytes, OPCODES, RawSocket } from '../support/raw-socket.ts';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import type { Case } from './case.ts';
import { closingCases } from './closing-cases.ts';
import { framingCases } from './framing-cases.ts';
import { utf8Cases } from './utf8-cases.ts';

let system: System;
let path: string;
let port: number;

beforeAll(async () => {
  system = await startSystem({ gateways: 1 });
  const { users } = await newRoom(system, 'ann');
  path = `/ws?token=${users.ann.token}`;
  port = Number(new URL(system.ws()).port);
});
afterAll(() => system.stop());

async function open(headers: Readonly<Record<string, string>> = {}): Promise<RawSocket> {
  const raw = await RawSocket.upgrade(port, path, headers);
  await raw.until('ready', () => raw.received.length > 0);
  return raw;
}

async function send(raw: RawSocket, bytes: Buffer, chop = bytes.length): Promise<void> {
  for (let at = 0; at < bytes.length; at += chop) {
    raw.write(bytes.subarray(at, at + chop));
    if (chop < bytes.length) await turn();
  }
}

const LAST = '{"t":"ping","at":424242}';
const pongsOf = ({ received }: RawSocket) =>
  received.filter(({ opcode }) => opcode === OPCODES.pong).map(({ payload }) => payload.toString('latin1'));

async function carryOut({ bytes, chop, expected }: Case): Promise<void> {
  const raw = await open();
  try {
    await send(raw, bytes, chop);
    if ('code' in expected) {
      await raw.until('the end', () => raw.isOver);
      expect(raw.code).toBe(expected.code);
      return;
    }
    raw.write(frameBytes({ opcode: OPCODES.text, payload: LAST }));
    await raw.until('the session to go on', () => raw.received.some(({ payload }) => payload.includes('424242')));
    expect(pongsOf(raw)).toEqual(expected.pongs);
  } finally {
    raw.cut();
  }
}

describe('[ERR-2] the WebSocket protocol', () => {
  test.each([...framingCases, ...utf8Cases, ...closingCases])('case $id: $what', carryOut);
});

describe('12, 13: compression', () => {
  test.each([
    'permessage-deflate',
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; client_max_window_bits=9; server_max_window_bits=9',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    'permessage-deflate; client_max_window_bits, permessage-deflate',
    'x-webkit-deflate-frame, permessage-bzip2',
  ])('[CON-4] "%s" is not taken up, and the session goes on without it', async (offer) => {
    const raw = await open({ 'Sec-WebSocket-Extensions': offer });
    expect(raw.head).toMatch(/^HTTP\/1\.1 101/);
    expect(raw.head.toLowerCase()).not.toContain('sec-websocket-extensions');
    raw.send({ opcode: OPCODES.text, payload: LAST });
    await raw.until('the pong', () => raw.received.some(({ payload }) => payload.includes('424242')));
    // A message that says it is compressed.
    raw.send({ opcode: OPCODES.text, payload: Buffer.from('f248cdc9c90700', 'hex'), rsv: 4 });
    await raw.until('the end', () => raw.isOver);
    expect(raw.code).toBe(1002);
    raw.cut();
  });

  test.each([
    'permessage-deflate; client_max_window_bits=99',
    'permessage-deflate;;;',
    ', ,',
    'permessage-deflate; a="',
  ])('[CON-4] nor is "%s", which is no offer', async (offer) => {
    const raw = await RawSocket.upgrade(port, path, { 'Sec-WebSocket-Extensions': offer });
    expect(raw.head).toMatch(/^HTTP\/1\.1 (?:101|400)/);
    expect(raw.head.toLowerCase()).not.toContain('sec-websocket-extensions');
    raw.cut();
  });
});

describe('the opening handshake', () => {
  test.each([
    ['another version', { 'Sec-WebSocket-Version': '7' }, /^HTTP\/1\.1 4(?:00|26)/],
    ['no key', { 'Sec-WebSocket-Key': '' }, /^HTTP\/1\.1 400/],
    ['a key that is none', { 'Sec-WebSocket-Key': 'short' }, /^HTTP\/1\.1 400/],
    ['another protocol', { Upgrade: 'h2c' }, /^HTTP\/1\.1 400/],
    ['a foreign origin: tokens are no cookies', { Origin: 'https://elsewhere.example' }, /^HTTP\/1\.1 101/],
  ])('[CON-1] %s', async (_, headers, answer) => {
    const raw = await RawSocket.upgrade(port, path, headers);
    expect(raw.head).toMatch(answer);
    raw.cut();
  });
});
