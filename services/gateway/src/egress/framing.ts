/**
 * WebSocket frames as a server sends them (RFC 6455): never masked, never fragmented, never compressed. Made here once
 * for all receivers, so that one buffer can be written to every socket of a room.
 */

const FIN = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MAX_7 = 125;
const MAX_16 = 0xffff;

export const OPCODE = { text: 0x1, binary: 0x2, ping: 0x9, pong: 0xa } as const;
export type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

/** A ping without payload, the same for everybody. */
export const PING = frameOf(OPCODE.ping, new Uint8Array(0));

export function headerBytes(payloadBytes: number): number {
  if (payloadBytes <= MAX_7) return 2;
  return payloadBytes <= MAX_16 ? 4 : 10;
}

/** Writes the header of a frame and returns where its payload starts. */
export function writeHeader(to: Buffer, at: number, opcode: Opcode, payloadBytes: number): number {
  to[at] = FIN | opcode;
  if (payloadBytes <= MAX_7) {
    to[at + 1] = payloadBytes;
    return at + 2;
  }
  if (payloadBytes <= MAX_16) {
    to[at + 1] = LENGTH_16;
    return to.writeUInt16BE(payloadBytes, at + 2);
  }
  to[at + 1] = LENGTH_64;
  return to.writeUIntBE(payloadBytes, to.writeUInt16BE(0, at + 2), 6);
}

/** Where the payload of the frame at `at` starts. */
export function payloadStart(frames: Uint8Array, at: number): number {
  const length = frames[at + 1];
  if (length === LENGTH_16) return at + 4;
  return length === LENGTH_64 ? at + 10 : at + 2;
}

export function frameOf(opcode: Opcode, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes(payload.length) + payload.length);
  frame.set(payload, writeHeader(frame, 0, opcode, payload.length));
  return frame;
}

export function textFrameOf(json: string): Buffer {
  const length = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(headerBytes(length) + length);
  frame.write(json, writeHeader(frame, 0, OPCODE.text, length));
  return frame;
}
