/** Cases of WebSocket conformance, numbered as in the Autobahn test suite and adapted to a server that is no echo. */
import { frameBytes, type FrameOptions, OPCODES } from '../support/raw-socket.ts';

/** What the server must do: go on with the session, having sent these pongs, or close with this code. */
export type Expected = { readonly pongs: readonly string[] } | { readonly code: number | undefined };

export interface Case {
  readonly id: string;
  readonly what: string;
  readonly bytes: Buffer;
  /** Octets in a packet; all at once when left out. */
  readonly chop?: number;
  readonly expected: Expected;
}

export const GOES_ON: Expected = { pongs: [] };
/** The close codes of RFC 6455 that the layer itself uses. */
export const CODES = { protocol: 1002, encoding: 1007, fragments: 1008, size: 1009 } as const;

export const closes = (code: number | undefined): Expected => ({ code });
export const pongs = (...payloads: string[]): Expected => ({ pongs: payloads });
export const frames = (...all: FrameOptions[]): Buffer => Buffer.concat(all.map(frameBytes));

export const text = (payload: Uint8Array | string, more: Partial<FrameOptions> = {}): FrameOptions => ({
  opcode: OPCODES.text,
  payload,
  ...more,
});
export const more = (payload: Uint8Array | string, fin: boolean): FrameOptions => ({
  opcode: OPCODES.continuation,
  payload,
  fin,
});
export const ping = (payload: Uint8Array | string, options: Partial<FrameOptions> = {}): FrameOptions => ({
  opcode: OPCODES.ping,
  payload,
  ...options,
});
export const pong = (payload: Uint8Array | string, options: Partial<FrameOptions> = {}): FrameOptions => ({
  opcode: OPCODES.pong,
  payload,
  ...options,
});

/** A well-formed frame of the application, of so many bytes. */
export function message(bytes: number): string {
  const empty = '{"t":"watch","users":["1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9"],"pad":""}';
  return empty.replace('""', `"${'*'.repeat(Math.max(0, bytes - empty.length))}"`);
}
