import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * A WebSocket client for thousands of connections in one process: it cuts frames out of the stream and hands over
 * slices. It costs a tenth of a full client, so that the load generator leaves the machine to what is measured. Speaks
 * no fragmentation, no compression, no TLS.
 */
export interface RawClient {
  /** Sends one text frame. */
  send(text: string): void;
  /** Sends what `textFrame` has made: one frame, or several behind each other. */
  write(frames: Uint8Array): void;
  /** Cuts the connection without a close frame. */
  destroy(): void;
}

export interface RawClientOptions {
  readonly url: string;
  readonly protocol?: string;
  /** A text or binary frame came. The slice is only valid during the call. */
  readonly onFrame: (payload: Buffer, client: RawClient) => void;
  /** Called when an open connection ends; not after `destroy`. */
  readonly onClose?: (reason: string) => void;
}

/** The server did not take the connection; it may later. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const NO_MASK = Buffer.alloc(4);
const NOTHING: Buffer = Buffer.alloc(0);
const HANDSHAKE_END = Buffer.from('\r\n\r\n');
/** All sockets are read into the same memory, one after the other: nothing of it outlives the call. */
const READ = Buffer.alloc(256 * 1024);

/** Settles when the upgrade is done. @throws Refused with the server's status line or the system's error. */
export function openRawClient(options: RawClientOptions): Promise<RawClient> {
  const { hostname, port, pathname, search, host } = new URL(options.url);
  const { promise, resolve, reject } = Promise.withResolvers<RawClient>();
  const onread = { buffer: READ, callback: (length: number) => receive(READ.subarray(0, length)) };
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
  const headers = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(options.protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${options.protocol}`]),
  ];
  socket.write(`${headers.join('\r\n')}\r\n\r\n`);
  const client: RawClient = {
    send: (text) => void socket.write(textFrame(text)),
    write: (frames) => void socket.write(frames),
    destroy: () => {
      socket.removeAllListeners('close');
      socket.destroy();
    },
  };
  let pending = NOTHING;
  let open = false;
  const closing = { reason: 'closed' };
  socket.on('error', (cause) => reject(new Refused(`${host}: ${cause.message}`, { cause })));
  socket.on('close', () => {
    if (open) options.onClose?.(closing.reason);
    else reject(new Refused(`${host} closed during the handshake`));
  });
  const onFrame = (payload: Buffer) => options.onFrame(payload, client);
  /** Of the answer to the handshake, what follows it; undefined while it is not whole. */
  const afterHandshake = (data: Buffer) => {
    const end = data.indexOf(HANDSHAKE_END);
    if (end === -1) return undefined;
    const status = data.toString('latin1', 0, data.indexOf('\r\n'));
    open = status.includes(' 101 ');
    if (open) resolve(client);
    else {
      reject(new Refused(`${host}: ${status}`));
      socket.destroy();
    }
    return open ? data.subarray(end + HANDSHAKE_END.length) : NOTHING;
  };
  function receive(chunk: Buffer): boolean {
    const data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const frames = open ? data : afterHandshake(data);
    const rest = frames === undefined ? data : takeFrames(frames, socket, onFrame, closing);
    pending = rest.length === 0 ? NOTHING : Buffer.from(rest);
    return true;
  }
  return promise;
}

/** A text frame as a client sends it. */
export function textFrame(text: string): Buffer {
  return clientFrame(TEXT, Buffer.from(text));
}

/** Handles all whole frames and returns the rest. */
function takeFrames(
  data: Buffer,
  socket: Socket,
  onFrame: (payload: Buffer) => void,
  closing: { reason: string },
): Buffer {
  let start = 0;
  while (data.length - start >= 2) {
    const opcode = (data[start] ?? 0) & 0x0f;
    let length = (data[start + 1] ?? 0) & 0x7f;
    let header = 2;
    if (length === 126) {
      if (data.length - start < 4) break;
      length = data.readUInt16BE(start + 2);
      header = 4;
    } else if (length === 127) {
      if (data.length - start < 10) break;
      length = Number(data.readBigUInt64BE(start + 2));
      header = 10;
    }
    const end = start + header + length;
    if (data.length < end) break;
    const payload = data.subarray(start + header, end);
    start = end;
    if (opcode === PING) socket.write(clientFrame(PONG, payload));
    else if (opcode === CLOSE) {
      closing.reason = closeReason(payload);
      socket.end();
    } else if (opcode !== PONG) onFrame(payload);
  }
  return start === data.length ? NOTHING : data.subarray(start);
}

function closeReason(payload: Buffer): string {
  return payload.length < 2 ? 'closed' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`;
}

/** The mask of a client may be any four bytes; zeros leave the payload as it is. */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  if (length < 126) header[1] = 0x80 | length;
  else if (length < 65_536) {
    header[1] = 0x80 | 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 0x80 | 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, NO_MASK, payload]);
}
